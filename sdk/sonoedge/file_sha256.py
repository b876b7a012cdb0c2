"""A file's digest, however long the file is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

_PIECE: Final = 1 << 20


def file_sha256(path: Path) -> str:
    """SHA-256 (FIPS 180-4) of a file's bytes, hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
