"""Choosing the reader by what a path is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy.typing as npt

from sonoedge.errors import SourceError
from sonoedge.sources import arrays, images, video
from sonoedge.sources.camera import camera, camera_index
from sonoedge.sources.picture import Contents
from sonoedge.sources.source import Source
from sonoedge.sources.watch import watched


def open_source(spec: str | Path, *, realtime: bool = False, fps: float | None = None) -> Source:
    """Open a source of frames by what the path is.

    A folder of pictures or a picture (png, jpg, bmp, webp, tif), a video (mp4, mov,
    mpeg, avi, webm, mkv), a camera (/dev/videoN), a DICOM file (.dcm, or its mark
    within; extra `dicom`), a MetaImage sequence (.mha, .mhd; extra `metaimage`).

    Args:
        spec: the path.
        realtime: give each frame only when it is due by the source's own times;
            without it, frames come as fast as they are taken.
        fps: frames per second, in place of the source's own times.

    Raises:
        SourceError: there is nothing there, or it cannot be opened.
        InvalidSettings: realtime is asked of pictures without times.
        MissingDependency: the extra for this kind of file is not installed.
    """
    return Source(_contents(spec), realtime=realtime, fps=fps)


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


def _contents(spec: str | Path) -> Contents:
    index = camera_index(str(spec))
    if index is not None:
        return watched(lambda: camera(index))
    path = Path(spec)
    suffix = path.suffix.lower()
    try:
        if path.is_dir():
            return images.folder(path)
        with path.open("rb") as file:
            opening = file.read(132)
    except OSError as error:
        raise SourceError(f"{spec} cannot be opened: {error.strerror}") from None
    if suffix == ".dcm" or opening[128:] == b"DICM":
        from sonoedge.sources.dicom import dicom

        return dicom(path)
    if suffix in (".mha", ".mhd"):
        from sonoedge.sources.metaimage import metaimage

        return metaimage(path)
    if suffix in images.SUFFIXES:
        return images.image(path)
    if suffix in video.SUFFIXES:
        return video.video(path)
    known = sorted({".dcm", ".mha", ".mhd"} | images.SUFFIXES | video.SUFFIXES)
    raise SourceError(
        f"{path.name} is of no kind that is read: a folder of pictures, /dev/videoN, "
        f"DICOM, or a file ending in {', '.join(known)}"
    )
