"""Where overlay pictures go: a video that browsers play, or a folder of PNG files.

Why VP9: of what OpenCV's wheels can encode into MP4 it is the only codec that
browsers play; there is no H.264 encoder in them, and none plays MPEG-4 Part 2
("mp4v"). The encoder's settings cannot be reached: OpenCV 5.0 ignores
OPENCV_FFMPEG_WRITER_OPTIONS (its issue 24570; output is byte for byte the same)
and gives libvpx one thread, "good" quality, speed 1 and a target rate that is
never the limit. Its price is about 0.2 microseconds per pixel.

Pictures are encoded in `write`, on the caller's thread: an encoder beside the
engine would spoil the very latencies that the overlay shows.
"""

from __future__ import annotations

import abc
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from sonoedge.closing import Closing
from sonoedge.errors import InvalidSettings, OutputError
from sonoedge.outputs.overlay.style import Picture

DEFAULT_FPS: Final = 25.0

# OpenCV's way to VP9's colours rounds down, which turns greys darker and greenish
# (blue -4, green -1, red -3 levels; seen with OpenCV 4.10 and 5.0). Two levels of blue
# and red ahead of it make greys come out neutral again, within a level.
_NEUTRAL: Final = np.array([2.0, 0.0, 2.0, 0.0])  # OpenCV takes four numbers for one colour


class Writer(Closing):
    """Takes overlay pictures: uint8, (H, W, 3), BGR."""

    @abc.abstractmethod
    def write(self, picture: Picture) -> None:
        """Append one picture, which is not changed.

        Raises:
            OutputError: it cannot be written.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Finish what was begun; closing twice is harmless.

        Raises:
            OutputError: what was written is not whole.
        """


def open_writer(path: str | Path, fps: float = DEFAULT_FPS) -> Writer:
    """A writer for `path`: a video for NAME.mp4, a folder for a name without a suffix.

    Raises:
        InvalidSettings: another suffix, or `fps` out of range.
        OutputError: it cannot be written there.
    """
    path = Path(path)
    if path.suffix.lower() == ".mp4" and not path.is_dir():
        return Video(path, fps)
    if path.suffix and not path.is_dir():
        raise InvalidSettings(f"overlay is {path.name}; use a name ending in .mp4, or a folder")
    return Folder(path)


class Video(Writer):
    """VP9 in MP4. The first picture sets the size; others are letterboxed into it."""

    def __init__(self, path: Path, fps: float = DEFAULT_FPS) -> None:
        if not 0 < fps <= 1000:
            raise InvalidSettings("the video's frames per second must be above 0, at most 1000")
        self._path, self._fps, self._count = path, fps, 0
        self._size: tuple[int, int] | None = None  # (width, height)
        self._video: cv2.VideoWriter | None = None
        try:
            path.write_bytes(b"")  # refused now, not after the first frame
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror}") from None

    def write(self, picture: Picture) -> None:
        if self._video is None or self._size is None:
            height, width = picture.shape[:2]
            self._size = width + width % 2, height + height % 2  # VP9's colours need even sizes
            self._video = self._open(self._size)
        self._video.write(cv2.add(letterboxed(picture, self._size), _NEUTRAL))
        self._count += 1

    def _open(self, size: tuple[int, int]) -> cv2.VideoWriter:
        vp9 = cv2.VideoWriter.fourcc(*"vp09")
        video = cv2.VideoWriter(str(self._path), cv2.CAP_FFMPEG, vp9, self._fps, size)
        if not video.isOpened():
            raise OutputError(
                f"this OpenCV ({cv2.__version__}) cannot encode VP9 video to {self._path}; "
                "give a folder in its place for PNG pictures"
            )
        return video

    def close(self) -> None:
        if self._video is None:
            if self._count == 0:
                self._path.unlink(missing_ok=True)  # an empty file is no video
            return
        self._video.release()
        self._video = None
        # OpenCV reports no failed write, such as on a full disk: so count what is there.
        # One more than counted is whole: Ctrl-C can come after a write and before its count.
        seen = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG)
        whole = seen.isOpened() and int(seen.get(cv2.CAP_PROP_FRAME_COUNT)) >= self._count
        seen.release()
        if not whole:
            raise OutputError(f"{self._path} is not whole; is the disk full?")


class Folder(Writer):
    """One PNG per picture, frame_000000.png and so on; made where it is missing."""

    def __init__(self, path: Path) -> None:
        self._path, self._count = path, 0
        try:
            path.mkdir(parents=True, exist_ok=True)
            left = any(path.glob("frame_*.png"))
        except OSError as error:
            raise OutputError(f"cannot write into {path}: {error.strerror}") from None
        if left:
            # Pictures of two runs must not mix.
            raise OutputError(f"{path} already holds overlay pictures; give another folder")

    def write(self, picture: Picture) -> None:
        _, data = cv2.imencode(".png", picture)
        file = self._path / f"frame_{self._count:06d}.png"
        try:
            file.write_bytes(data.tobytes())
        except OSError as error:
            raise OutputError(f"cannot write {file}: {error.strerror}") from None
        self._count += 1

    def close(self) -> None:
        """Nothing is left to finish."""


def letterboxed(picture: Picture, size: tuple[int, int]) -> Picture:
    """`picture` in the middle of a black canvas of `size` (width, height), aspect kept."""
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    # A picture that only lacks the odd row or column is not resampled for it.
    if not (0 <= size[0] - width <= 1 and 0 <= size[1] - height <= 1):
        factor = min(size[0] / width, size[1] / height)
        width, height = max(1, round(width * factor)), max(1, round(height * factor))
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        picture = np.asarray(cv2.resize(picture, (width, height), interpolation=way), np.uint8)
    canvas = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    x, y = (size[0] - width) // 2, (size[1] - height) // 2
    canvas[y : y + height, x : x + width] = picture
    return canvas
