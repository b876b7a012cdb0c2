"""Where overlay pictures go: a video, or a folder of PNG files.

Of what OpenCV's wheels can encode, browsers play VP8 in WebM and VP9 in MP4: there is no H.264
encoder in them, and no browser plays MPEG-4 Part 2 ("mp4v"). The encoders' settings cannot be
reached: OpenCV 5.0 ignores OPENCV_FFMPEG_WRITER_OPTIONS (its issue 24570; output is byte for
byte the same) and gives libvpx one thread, "good" quality, speed 1 and a target rate that is
never the limit. VP8 then takes a fifth of VP9's time, and Motion JPEG a tenth of VP8's; VP9 also
holds 25 pictures back, so that an interrupted run takes seconds to end.

Pictures are encoded in `write`, on the caller's thread: an encoder beside the
engine would spoil the very latencies that the overlay shows.
"""

from __future__ import annotations

import abc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from sonoedge.closing import Closing
from sonoedge.errors import InvalidSettings, OutputError
from sonoedge.outputs.overlay.style import Picture

DEFAULT_FPS: Final = 25.0

# The name's ending: OpenCV's code of the encoder, and what to call it.
ENCODERS: Final = {
    ".webm": ("VP80", "VP8"),
    ".mp4": ("vp09", "VP9"),
    ".avi": ("MJPG", "Motion JPEG"),
}

# OpenCV's way to video's colours rounds down, which turns greys darker and greenish
# (blue -4, green -1, red -3 levels; seen with OpenCV 4.10 and 5.0). Two levels of blue
# and red ahead of it make greys come out neutral again, within a level.
_NEUTRAL: Final = np.array([2.0, 0.0, 2.0, 0.0])  # OpenCV takes four numbers for one colour


class Writer(Closing):
    """Takes overlay pictures: uint8, (H, W, 3), BGR."""

    @abc.abstractmethod
    def write(self, picture: Picture, name: str | None = None) -> None:
        """Append one picture, which is not changed.

        Args:
            name: the file that it is of, for a folder, where its own name is kept.

        Raises:
            OutputError: it cannot be written.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Finish what was begun; closing twice is harmless.

        Raises:
            OutputError: what was written is incomplete.
        """


def open_writer(path: str | Path, fps: float = DEFAULT_FPS) -> Writer:
    """A writer for `path`: a video for a name that ends so, a folder for one without an ending.

    Raises:
        InvalidSettings: another ending, or `fps` out of range.
        OutputError: it cannot be written there.
    """
    path = Path(path)
    check_kind(path)
    return Folder(path) if not path.suffix or path.is_dir() else Video(path, fps)


def check_kind(path: Path) -> None:
    """Before anything is opened: overlay pictures can go there.

    Raises:
        InvalidSettings: it is neither a folder nor a video that can be written.
        OutputError: it cannot be looked at.
    """
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    if not is_folder and path.suffix and path.suffix.lower() not in ENCODERS:
        raise InvalidSettings(
            f"an overlay is a folder of pictures, or a video; {path.name} is neither: end the name "
            f"in {', '.join(ENCODERS)}, or name a folder"
        )


class Video(Writer):
    """A video. The first picture sets the size; others are letterboxed into it."""

    def __init__(self, path: Path, fps: float = DEFAULT_FPS) -> None:
        if not 0 < fps <= 1000:
            raise InvalidSettings("the video's frames per second must be above 0, at most 1000")
        self._path, self._fps, self._count = path, fps, 0
        self._size: tuple[int, int] | None = None  # (width, height)
        self._video: cv2.VideoWriter | None = None
        self._code, self._codec = ENCODERS[path.suffix.lower()]
        try:
            path.write_bytes(b"")  # refused now, not after the first frame
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror}") from None

    def write(self, picture: Picture, name: str | None = None) -> None:
        if self._video is None or self._size is None:
            height, width = picture.shape[:2]
            self._size = width + width % 2, height + height % 2  # colours need even sizes
            self._video = self._open(self._size)
        self._video.write(cv2.add(letterboxed(picture, self._size), _NEUTRAL))
        self._count += 1

    def _open(self, size: tuple[int, int]) -> cv2.VideoWriter:
        code = cv2.VideoWriter.fourcc(*self._code)
        with _native_messages_off():
            video = cv2.VideoWriter(str(self._path), cv2.CAP_FFMPEG, code, self._fps, size)
        if not video.isOpened():
            raise OutputError(
                f"this OpenCV ({cv2.__version__}) cannot encode {self._codec} to {self._path}; "
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
        # One more than counted is complete: Ctrl-C can come after a write and before its count.
        written = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG)
        complete = written.isOpened() and int(written.get(cv2.CAP_PROP_FRAME_COUNT)) >= self._count
        written.release()
        if not complete:
            raise OutputError(f"{self._path} is incomplete; is the disk full?")


class Folder(Writer):
    """One PNG per picture, named after its file, else frame_000000.png and so on.

    The folder is made where it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._count = path, 0
        self._names: set[str] = set()
        try:
            path.mkdir(parents=True, exist_ok=True)
            mixed = any(file.suffix == ".png" for file in path.iterdir())
        except OSError as error:
            raise OutputError(f"cannot write into {path}: {error.strerror}") from None
        if mixed:
            # Pictures of two runs must not mix, and none of the user's be overwritten.
            raise OutputError(f"{path} already holds pictures; give another folder")

    def write(self, picture: Picture, name: str | None = None) -> None:
        _, data = cv2.imencode(".png", picture)
        file = self._path / self._file_name(name)
        try:
            file.write_bytes(data.tobytes())
        except OSError as error:
            raise OutputError(f"cannot write {file}: {error.strerror}") from None
        self._count += 1

    def _file_name(self, name: str | None) -> str:
        """A name that is free: a.png for a.jpg; a.tif.png where a.png is taken."""
        number = f"frame_{self._count:06d}"
        bare = number if name is None else Path(name).name
        stems = [number] if name is None else [Path(bare).stem, bare, f"{bare}-{number}"]
        stem = next(s for s in stems if s not in self._names)
        self._names.add(stem)
        return f"{stem}.png"

    def close(self) -> None:
        """Nothing is left to finish."""


@contextmanager
def _native_messages_off() -> Iterator[None]:
    """OpenCV tells of a tag that WebM does not need, past Python, on the error output."""
    try:
        messages = os.dup(2)
    except OSError:  # there is no error output
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - the descriptor is wanted
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(messages, 2)
        os.close(messages)


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
