"""sources/formats/mp4.py, on boxes that are written by hand."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoedge.sources.formats.mp4 import Movie, movie


def box(kind: bytes, *inner: bytes) -> bytes:
    data = b"".join(inner)
    return struct.pack(">I4s", 8 + len(data), kind) + data


def track(
    handler: bytes = b"vide", *, stored: int = 2000, edits: tuple[tuple[int, int], ...] = ()
) -> bytes:
    """A track of `stored` hundredths of a second; an edit is (thousandths, begin)."""
    table = struct.pack(">II", 0, len(edits))
    table += b"".join(struct.pack(">Iii", shown, begin, 1 << 16) for shown, begin in edits)
    media = box(b"mdhd", struct.pack(">IIIII", 0, 0, 0, 100, stored))
    kind = box(b"hdlr", struct.pack(">II4s", 0, 0, handler))
    return box(
        b"trak", *((box(b"edts", box(b"elst", table)),) if edits else ()), box(b"mdia", media, kind)
    )


def write(path: Path, *tracks: bytes, cut: int = 0) -> Path:
    header = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, 0))
    data = box(b"ftyp", b"isom") + box(b"moov", header, *tracks) + box(b"mdat", bytes(100))
    path.write_bytes(data[: len(data) - cut])
    return path


def test_one_video_track_is_counted_beside_sound(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", track(), track(b"soun"))
    assert movie(path) == Movie(complete=True, video_tracks=1, shown_s=None)


def test_several_video_tracks_are_counted(tmp_path: Path) -> None:
    found = movie(write(tmp_path / "a.mp4", track(), track()))
    assert found is not None
    assert found.video_tracks == 2


@pytest.mark.parametrize(
    ("edits", "shown_s"),
    [
        (((15_000, 500),), 15.0),
        (((20_000, 0),), None),  # all that is stored
        (((500, -1), (15_000, 500)), 15.0),  # a pause first
        (((4_000, 0), (5_000, 1000)), 9.0),
    ],
)
def test_an_edit_list_says_what_is_shown(
    tmp_path: Path, edits: tuple[tuple[int, int], ...], shown_s: float | None
) -> None:
    found = movie(write(tmp_path / "a.mp4", track(edits=edits)))
    assert found is not None
    assert found.shown_s == shown_s


def test_a_file_shorter_than_its_boxes_is_not_complete(tmp_path: Path) -> None:
    found = movie(write(tmp_path / "a.mp4", track(), cut=1))
    assert found is not None
    assert not found.complete


@pytest.mark.parametrize("data", [b"", b"no boxes at all, but some text", bytes(64)])
def test_what_is_no_movie_has_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(data)
    assert movie(tmp_path / "a.mp4") is None
    assert movie(tmp_path / "absent.mp4") is None


@given(changes=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=6))
def test_damaged_boxes_never_raise(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    path = write(tmp_path_factory.mktemp("a") / "a.mp4", track(edits=((15_000, 500),)))
    data = bytearray(path.read_bytes())
    for at, value in changes:
        data[at % len(data)] = value
    path.write_bytes(data)
    movie(path)
