"""What a screening consists of: all that its results hang on, beside the items' own bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from sonoedge import __version__
from sonoedge.analysis import Origin

SCHEMA_VERSION: Final = 1
# What a runtime's name is on the package index, where that is another one.
_DISTRIBUTIONS: Final = {"tensorrt-rtx": "tensorrt-rtx-cu13-bindings"}
_DECODERS: Final = ("pydicom", "pylibjpeg-openjpeg", "pylibjpeg-rle", "python-gdcm", "pillow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Where a screening reads and writes, and how; every worker is handed it.

    Attributes:
        archive, out, bundle: absolute paths, the same on every machine of a cluster.
        variant: the bundle's variant; None takes the fastest here, once for all workers.
        limit_s: seconds that an item may take.
        follow: links are followed.
        retry_failed: items are tried again whose part says that they failed.
    """

    archive: str
    out: str
    bundle: str
    variant: str | None
    limit_s: float = 600.0
    follow: bool = False
    retry_failed: bool = False

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Job:
        """The value again."""
        return Job(**json.loads(text))


def identity(origin: Origin, *, follow: bool) -> dict[str, Any]:
    """What the results hang on, by this machine: engine, settings and versions.

    Two machines that agree on it give the same parts, bit for bit, as far as their processors
    round alike.
    """
    engine = _DISTRIBUTIONS.get(origin.runtime, origin.runtime)
    packages = ("numpy", "opencv-python-headless", engine, *_DECODERS)
    return {
        "schema_version": SCHEMA_VERSION,
        "bundle_id": origin.bundle_id,
        "engine_sha256": origin.engine_sha256,
        "variant": origin.variant,
        "runtime": origin.runtime,
        "precision": origin.precision,
        "follow_links": follow,
        "versions": {"sonoedge": __version__} | {name: _version(name) for name in packages},
    }


def digest(values: Mapping[str, Any]) -> str:
    """Of an identity: 32 hexadecimal digits."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:32]


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """In which values two identities differ, in words."""
    flat = [dict(values) | dict(values.get("versions", {})) for values in (ours, theirs)]
    return ", ".join(
        f"{name} {flat[1].get(name)} in place of {flat[0].get(name)}"
        for name in sorted(flat[0].keys() | flat[1].keys())
        if name != "versions" and flat[0].get(name) != flat[1].get(name)
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
