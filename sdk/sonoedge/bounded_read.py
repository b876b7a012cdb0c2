"""Read a small file whole, however large it turns out to be."""

from __future__ import annotations

from pathlib import Path


def read_bounded(file: Path, most_bytes: int) -> bytes:
    """A file's bytes; of a longer file the first `most_bytes` + 1, so that its reader refuses it.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as content:
        return content.read(most_bytes + 1)
