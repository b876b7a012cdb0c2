"""Choosing the reader by what a path is."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Any, Final, Literal

import numpy.typing as npt

from sonoedge.errors import InvalidSettings, SourceError
from sonoedge.sources import arrays, folder
from sonoedge.sources.child.limits import Limits
from sonoedge.sources.child.reader import isolated
from sonoedge.sources.formats import FORMATS, HEAD_BYTES, NOT_READ, format_of, load
from sonoedge.sources.given_spacing import Spacing
from sonoedge.sources.live import given_device
from sonoedge.sources.picture import Contents
from sonoedge.sources.source import Source
from sonoedge.sources.watched import watched

Isolation = Literal["process", "none"]
_ISOLATIONS: Final = ("process", "none")


def open_source(
    spec: str | Path,
    *,
    realtime: bool = False,
    fps: float | None = None,
    isolation: Isolation = "process",
    limits: Limits | None = None,
    continue_on_error: bool = False,
    spacing_mm: Spacing | None = None,
) -> Source:
    """Open a source of frames by what the path is.

    A picture (png, jpg, bmp, webp, tif), a video (mp4, mov, mpeg, avi, webm, mkv, wmv,
    gif), a DICOM file (.dcm, or its mark within; extra `dicom`), a MetaImage sequence
    (.mha, .mhd), a folder of pictures and DICOM files, a camera (/dev/videoN), or another live
    source (igtl://, clarius://, pipe:; docs/reference/live-sources.md). A `pipe:` runs the command
    that it names: take no spec from whom you would not let run one.

    Args:
        spec: the path.
        realtime: give each frame only when it is due by the source's own times;
            without it, frames come as fast as they are taken.
        fps: frames per second, in place of the source's own times.
        isolation: "process" decodes files in a process of their own, so that a file that
            kills or hangs its decoder raises SourceCrashed; "none" decodes in the caller's.
        limits: what that process may take.
        continue_on_error: of a folder, a file that cannot be read becomes a black frame
            whose `meta.invalid` says why, and reading goes on; without it, reading raises.
        spacing_mm: (rows, columns) millimetres per pixel of a live source, where it does not
            say it itself.

    Raises:
        SourceError: there is nothing there, or it cannot be opened.
        SourceCrashed: its decoder died of it, or did not answer in time.
        InvalidSettings: realtime is asked of pictures without times, or isolation is
            neither "process" nor "none"; or a live source is not written as it must be; or a
            spacing is given to what is no live source.
        MissingDependency: the extra for this kind of file is not installed.
        RuntimeUnavailable: this system or program cannot start a process for decoding.
    """
    if isolation not in _ISOLATIONS:
        raise InvalidSettings(f"isolation is {isolation!r}; use one of {', '.join(_ISOLATIONS)}")
    device = given_device(str(spec), spacing_mm)
    if device is not None:
        contents = watched(device)
    else:
        contents = _files(spec, isolation, limits, continue_on_error)
    try:
        return Source(contents, realtime=realtime, fps=fps)
    except InvalidSettings:
        contents.close()
        raise


def from_array(
    pixels: npt.NDArray[Any],
    *,
    fps: float | None = None,
    spacing_mm: tuple[float, float] | None = None,
    name: str = "array",
    realtime: bool = False,
) -> Source:
    """A source of the frames of an array: uint8, (N, H, W) grey or (N, H, W, 3) BGR.

    Raises:
        InvalidData: the array is not such frames.
        InvalidSettings: realtime is asked without `fps`, or `fps` is not positive.
    """
    contents = arrays.array(pixels, fps=fps, spacing_mm=spacing_mm, name=name)
    return Source(contents, realtime=realtime, fps=fps)


def _files(
    spec: str | Path, isolation: Isolation, limits: Limits | None, continue_on_error: bool
) -> Contents:
    if spec == "":  # an unset variable's; as a path it would be the folder that one is in
        raise SourceError("the source's name is empty; give a file, a folder or a device")
    path = Path(spec)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return folder.folder(
                path,
                isolation=isolation,
                limits=limits,
                continue_on_error=continue_on_error,
            )
        if not stat.S_ISREG(mode):  # opening a pipe would wait for its writer
            raise SourceError(f"{path.name} is no ordinary file; cameras are read as /dev/videoN")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no path"
        raise SourceError(f"{spec} cannot be opened: {reason}{_hint(str(spec))}") from None
    format = format_of(path, head)
    if format is None:
        raise SourceError(_refusal(path))
    if isolation == "process":
        return isolated(format.reader, path, limits)
    return load(format.reader)(path)


def _hint(spec: str) -> str:
    """What someone who gave this in place of a path may have meant."""
    if re.fullmatch(r"\d+", spec):
        return f"; a camera is read as /dev/video{spec}"
    scheme = re.match(r"([a-z][a-z0-9+.-]*)://", spec, flags=re.IGNORECASE)
    if scheme:
        return (
            f"; streams and addresses ({scheme[1]}://) are not read: save the recording as a "
            "file, or hand frames to a live session"
        )
    return ""


def _refusal(path: Path) -> str:
    remedy = NOT_READ.get(path.suffix.lower())
    if remedy is not None:
        return f"{path.name}: {remedy}"
    suffixes = sorted(suffix for format in FORMATS for suffix in format.suffixes)
    return (
        f"{path.name} is of no kind that is read: a folder of pictures, /dev/videoN, "
        f"DICOM, or a file ending in {', '.join(suffixes)}"
    )
