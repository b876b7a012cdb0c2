"""Digests of files, and of a whole bundle."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from sonoedge.bundle.manifest import Digest


def digest(data: bytes) -> Digest:
    """SHA-256 and size of some bytes."""
    return Digest(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))


def digest_folder(folder: Path) -> dict[str, Digest]:
    """The digest of every file below a folder, by its path with forward slashes."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): digest(p.read_bytes()) for p in files}


def digest_of_files(files: Mapping[str, Digest]) -> str:
    """One SHA-256 over the paths and digests of many files."""
    lines = "".join(f"{files[p].sha256}  {p}\n" for p in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()
