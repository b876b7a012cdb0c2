"""Does this sonoedge have the runtimes that a manifest names, in these precisions?"""

from __future__ import annotations

from sonoedge.bundle.manifest import Manifest
from sonoedge.errors import InvalidManifest
from sonoedge.runtime import runtimes


def check_engines(manifest: Manifest, *, test_doubles: bool = False) -> None:
    """Refuse a variant that no runtime can be meant for.

    It is refused whichever variant is asked for: a manifest that names what export never
    writes was damaged, tampered with, or written by another version.

    Args:
        test_doubles: the caller admits `sonoedge_runtimes.testing`.

    Raises:
        InvalidManifest: a runtime, or its precision, is unknown.
        MissingDependency: test doubles are admitted, and their package is not installed.
    """
    available = runtimes(test_doubles=test_doubles)
    for number, variant in enumerate(manifest.variants):
        where = f"manifest.json: variants[{number}]"
        entry = available.get(variant.runtime)
        if entry is None:
            raise InvalidManifest(
                f"{where}.runtime is {variant.runtime!r}; this sonoedge has "
                f"{', '.join(available)}; export the bundle again, or install the sonoedge that "
                "wrote it"
            )
        if variant.precision not in entry.precisions:
            raise InvalidManifest(
                f"{where}.precision is {variant.precision!r}; {variant.runtime} has "
                f"{', '.join(entry.precisions)}; export the bundle again, or install the "
                "sonoedge that wrote it"
            )
