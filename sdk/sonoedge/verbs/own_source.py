"""An output is never the file that the frames are read from."""

from __future__ import annotations

from pathlib import Path

from sonoedge.errors import InvalidSettings


def check_not_source(option: str, path: Path | None, source: str) -> None:
    """Refuse to write over the source, through whatever link.

    Raises:
        InvalidSettings: both are one file.
    """
    try:
        same = path is not None and path.samefile(source)
    except (OSError, ValueError):
        return  # nothing is there to be written over, or the source is no file
    if same:
        raise InvalidSettings(f"{option} would overwrite the source; give another path")
