"""An output is never a file that is read."""

from __future__ import annotations

from pathlib import Path

from sonoedge.errors import InvalidSettings
from sonoedge.sources.folder import recognised
from sonoedge.sources.formats import DICOM, PICTURE


def check_not_input(option: str, path: Path | None, *inputs: str | Path | None) -> None:
    """Refuse to write over what is read, through whatever link.

    Args:
        option: the output's, for messages.
        path: the output; None for none.
        inputs: files; folders, whose pictures and DICOM files are read; bundles, in which nothing
            may be written. What is none of these is left to whoever opens it.

    Raises:
        InvalidSettings: the output is one of them, or lies in one.
    """
    if path is None:
        return
    for given in inputs:
        if given is None:
            continue
        try:
            in_bundle = (Path(given) / "manifest.json").is_file() and _within(path, Path(given))
            is_read = not in_bundle and _is_read(path, Path(given))
        except (OSError, ValueError, RuntimeError):  # RuntimeError: links that go round, to 3.12
            continue  # nothing is there to be written over, or the input is no file
        if in_bundle:
            raise InvalidSettings(
                f"{option} lies in the bundle, whose files are never changed; give another path"
            )
        if is_read:
            raise InvalidSettings(f"{option} would overwrite what is read; give another path")


def _within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _is_read(path: Path, given: Path) -> bool:
    if path.samefile(given):
        return True
    return path.parent.samefile(given) and recognised(path) in (PICTURE, DICOM)
