"""What an MP4 or QuickTime file's boxes say that OpenCV does not.

Boxes: ISO/IEC 14496-12. Read are lengths and a few numbers, never a picture.
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

SUFFIXES: Final = frozenset({".mp4", ".m4v", ".mov"})
_LARGEST_MOOV: Final = 64 << 20
_MOST_BOXES: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Movie:
    """What the boxes say.

    Attributes:
        complete: the file is as long as its boxes are.
        video_tracks: tracks of pictures.
        shown_s: seconds that the first video track's edit list shows, where it hides
            pictures that are stored; None where it has none.
    """

    complete: bool
    video_tracks: int
    shown_s: float | None


def movie(path: Path) -> Movie | None:
    """Read a file's boxes; None where they cannot be followed."""
    try:
        with path.open("rb") as file:
            return _movie(file, path.stat().st_size)
    except (OSError, struct.error, ValueError, ZeroDivisionError):
        return None


def _movie(file: BinaryIO, size: int) -> Movie | None:
    at, end, moov = 0, 0, b""
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            break
        length, kind = struct.unpack_from(">I4s", head)
        skip = 8
        if length == 1:
            length, skip = struct.unpack_from(">Q", head, 8)[0], 16
        length = length or size - at  # 0: up to the end of the file
        if length < skip:
            return None
        if kind == b"moov" and length <= _LARGEST_MOOV:
            file.seek(at + skip)
            moov = file.read(length - skip)
        at = end = at + length
    if not moov:
        return None
    scale = _scale(_inside(moov, b"mvhd"))
    tracks = [track for kind, track in _boxes(moov) if kind == b"trak"]
    videos = [track for track in tracks if _inside(track, b"mdia", b"hdlr")[8:12] == b"vide"]
    return Movie(
        complete=end <= size,
        video_tracks=len(videos),
        shown_s=_shown_s(videos[0], scale) if videos else None,
    )


def _shown_s(track: bytes, movie_scale: int) -> float | None:
    """Seconds shown by the edit list, if it leaves out what the track stores."""
    edits = _inside(track, b"edts", b"elst")
    media = _inside(track, b"mdia", b"mdhd")
    if not edits or not media:
        return None
    long = edits[0] == 1
    layout = struct.Struct(">Qqi" if long else ">Iii")
    count = struct.unpack_from(">I", edits, 4)[0]
    shown = 0
    for index in range(min(count, _MOST_BOXES)):
        duration, begin, _ = layout.unpack_from(edits, 8 + index * layout.size)
        shown += duration if begin >= 0 else 0  # -1 is a pause before the pictures
    stored = struct.unpack_from(">Q", media, 24)[0] if media[0] == 1 else None
    if stored is None:
        stored = struct.unpack_from(">I", media, 16)[0]
    shown_s, stored_s = shown / movie_scale, stored / _scale(media)
    return shown_s if 0 < shown_s < stored_s else None


def _scale(header: bytes) -> int:
    """Ticks per second of a movie or media header."""
    scale: int = struct.unpack_from(">I", header, 20 if header[:1] == b"\1" else 12)[0]
    return scale


def _inside(data: bytes, *path: bytes) -> bytes:
    """The contents of the first box at a path of kinds; empty where there is none."""
    for kind in path:
        data = next((inner for name, inner in _boxes(data) if name == kind), b"")
    return data


def _boxes(data: bytes) -> Generator[tuple[bytes, bytes], None, None]:
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8:
            return
        yield kind, data[at + 8 : at + length]
        at += length
