"""Frames from a video file, decoded by OpenCV's FFmpeg."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.errors import SourceError
from sonoedge.sources.formats import mp4
from sonoedge.sources.formats.capture import find_decoder, open_capture
from sonoedge.sources.formats.decoder_log import DecoderLog
from sonoedge.sources.formats.picture_header import claim
from sonoedge.sources.picture import MOST_PICTURES, MOST_PIXELS, Contents, Picture

# Containers that record their count of frames; of others it is an estimate.
_COUNTED: Final = mp4.SUFFIXES | {".avi"}
_PACKETS: Final = (cv2.CAP_PROP_FORMAT, -1)  # as they are stored, not decoded


def video(path: Path) -> Contents:
    """A video file.

    A codec that is not on the list of those that are read is refused before a decoder of it
    runs. A file that cannot be given as it was recorded is refused: several video streams,
    interlaced frames that OpenCV 4.13 and later cannot convert, frames whose size changes.

    Raises:
        SourceError: it cannot be opened, or its codec is not read; when read, it holds no
            frame, ends early, or its frames cannot be converted.
    """
    movie = mp4.movie(path) if path.suffix.lower() in mp4.SUFFIXES else None
    if movie is not None and movie.video_tracks > 1:
        raise SourceError(
            f"{path.name} holds {movie.video_tracks} video streams; keep the one that is meant, "
            "for instance with: ffmpeg -i IN.mp4 -map 0:v:0 -c copy OUT.mp4"
        )
    decoder = find_decoder(path)
    capture = open_capture(path, decoder)
    count = _positive(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    fps = _positive(capture.get(cv2.CAP_PROP_FPS))
    aspect = _pixel_aspect(capture)
    width, height = (capture.get(p) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    capture.release()
    if width * height > MOST_PIXELS:
        raise SourceError(
            f"{path.name} has frames of {width:.0f} x {height:.0f} pixels; at most "
            f"{MOST_PIXELS} are read: save it smaller"
        )
    expected = None if count is None or count > MOST_PICTURES else round(count)
    if movie is not None and movie.shown_s is not None and fps is not None:
        expected = round(movie.shown_s * fps)

    def pictures() -> Generator[Picture, None, None]:
        time_s = None
        index = 0
        with closing(_Reader(path, decoder)) as reader:
            while (pixels := reader.next(index)) is not None:
                if fps is not None:
                    time_s = _time_s(reader.position_ms(), time_s, fps)
                yield Picture(pixels=pixels, time_s=time_s, pixel_aspect=aspect)
                index += 1
        _check_end(path, index, expected, complete=movie is None or movie.complete)

    return Contents(
        name=path.name,
        pictures=pictures,
        count=expected,
        fps=fps,
        times="none" if fps is None else "own",
    )


class _Reader:
    """Reads frame after frame, and looks at what OpenCV does not tell."""

    def __init__(self, path: Path, decoder: str) -> None:
        self._name = path.name
        self._log = DecoderLog()
        self._capture = open_capture(path, decoder)
        # Of Motion JPEG each packet is a JPEG file, whose header says its size: OpenCV would
        # stretch every frame to the size of the first.
        motion_jpeg = decoder == "mjpeg"
        self._packets = open_capture(path, decoder, _PACKETS) if motion_jpeg else None

    def next(self, index: int) -> npt.NDArray[np.uint8] | None:
        """The next frame; None at the end.

        Raises:
            SourceError: it cannot be given as it was recorded.
        """
        (read, pixels), text = self._log.call(self._capture.read)
        if b"Cannot convert interlaced" in text:
            raise SourceError(
                f"{self._name} is interlaced, which OpenCV {cv2.__version__} cannot convert; make "
                "it progressive, for instance with: ffmpeg -i IN -vf yadif OUT.mp4"
            )
        if not read:
            return None
        if pixels.dtype != np.uint8:
            raise SourceError(
                f"{self._name} has {8 * pixels.dtype.itemsize} bits per value; save it with 8"
            )
        if self._packets is not None:
            self._check_size(index, pixels.shape[1], pixels.shape[0])
        return np.asarray(pixels).view(np.uint8)

    def position_ms(self) -> float:
        """The last frame's time in the file."""
        return float(self._capture.get(cv2.CAP_PROP_POS_MSEC))

    def close(self) -> None:
        """Let go of the file."""
        self._capture.release()
        if self._packets is not None:
            self._packets.release()
        self._log.close()

    def _check_size(self, index: int, width: int, height: int) -> None:
        assert self._packets is not None
        read, packet = self._packets.read()
        jpeg = claim(packet.tobytes()) if read else None
        # An interlaced packet holds the two halves of its frame.
        if jpeg is None or (jpeg.width, jpeg.height) in ((width, height), (width, height // 2)):
            return
        raise SourceError(
            f"the frames of {self._name} change from {width} x {height} to "
            f"{jpeg.width} x {jpeg.height} pixels at frame {index + 1}; save its parts as "
            "files of their own"
        )


def _pixel_aspect(capture: cv2.VideoCapture) -> float | None:
    """The sample aspect ratio, width to height; 0 / 1 is how a file says nothing."""
    width = capture.get(cv2.CAP_PROP_SAR_NUM)
    height = capture.get(cv2.CAP_PROP_SAR_DEN)
    return width / height if width > 0 and height > 0 else None


def _time_s(position_ms: float, before_s: float | None, fps: float) -> float:
    """The frame's own time; the frames that a decoder gives up last can come without."""
    time_s = position_ms / 1e3
    if before_s is None:
        return time_s if math.isfinite(time_s) else 0.0
    return time_s if math.isfinite(time_s) and time_s > before_s else before_s + 1 / fps


def _check_end(path: Path, read: int, expected: int | None, *, complete: bool) -> None:
    """A file cut short ends without an error; a trimmed one may lack a few frames."""
    if read == 0:
        raise SourceError(f"{path.name} holds no frame that can be decoded")
    counted = expected or 0 if path.suffix.lower() in _COUNTED else 0
    if read < 0.95 * counted - 1 or (not complete and read < counted):
        raise SourceError(
            f"{path.name} ended after {read} of {expected} frames: it is cut short or damaged"
        )


def _positive(value: float) -> float | None:
    return value if math.isfinite(value) and value > 0 else None
