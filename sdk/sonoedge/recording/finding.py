"""The bundle that a recording is of: it names a digest and no path."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from sonoedge.bundle.parse import MOST_BYTES
from sonoedge.bundle.reading import OpenFolder
from sonoedge.errors import BundleError, BundleNotFound

MOST_FOLDERS: Final = 10_000


def find_bundle(manifest_sha256: str, bundle_id: str, among: Path) -> Path:
    """The folder whose manifest has this digest: `among` itself, or one directly below it.

    Raises:
        BundleNotFound: there is none.
    """
    for folder in islice(_folders(among), MOST_FOLDERS):
        with contextlib.suppress(BundleError):
            text = OpenFolder(folder).read_at_most("manifest.json", MOST_BYTES)
            if hashlib.sha256(text).hexdigest() == manifest_sha256:
                return folder
    raise BundleNotFound(
        f"the recording is of {bundle_id[:200]}, manifest {manifest_sha256[:12]}...: no folder in "
        f"{str(among)!r} is that bundle; name it with --bundle, or the folder that holds it with "
        "--among"
    )


def _folders(among: Path) -> Iterator[Path]:
    yield among
    with contextlib.suppress(OSError):
        yield from sorted(entry for entry in among.iterdir() if entry.is_dir())
