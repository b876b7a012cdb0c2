"""sources/formats/video.py"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sonoedge import sources
from sonoedge.errors import SourceError
from sonoedge.sources.formats.video import video

# In this process: what a reader gives does not hang on where it runs.
open_source = functools.partial(sources.open_source, isolation="none")

SHADES = range(20, 220, 20)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten frames that grow brighter, 20 per second."""
    path = tmp_path_factory.mktemp("clip") / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (64, 48))
    assert writer.isOpened()
    for shade in SHADES:
        writer.write(np.full((48, 64, 3), (shade, 0, 0), dtype=np.uint8))
    writer.release()
    return path


def test_every_frame_comes_once_in_order_and_in_bgr(clip: Path) -> None:
    with open_source(clip) as source:
        frames = list(source)
        assert (source.count, source.fps, source.name) == (10, 20, "clip.avi")
    assert [f.pixels.shape for f in frames] == [(48, 64, 3)] * 10
    blue = [float(f.pixels[..., 0].mean()) for f in frames]
    assert blue == pytest.approx(list(SHADES), abs=12)
    assert max(float(f.pixels[..., 2].mean()) for f in frames) < 12


def test_frames_carry_the_clip_s_own_times(clip: Path) -> None:
    times = [p.time_s for p in video(clip).pictures()]
    assert times == pytest.approx([i / 20 for i in range(10)])


def test_frames_belong_to_the_caller(clip: Path) -> None:
    frames = list(open_source(clip))
    assert not any(np.shares_memory(frames[0].pixels, f.pixels) for f in frames[1:])


def test_a_video_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"not a video")
    with pytest.raises(SourceError, match=r"^a\.mp4 cannot be opened as a video"):
        open_source(tmp_path / "a.mp4")


@pytest.mark.req("R38")
@pytest.mark.parametrize("keep", [0.5, 0.85])
def test_a_video_that_is_cut_short_does_not_end_as_if_it_were_whole(
    clip: Path, tmp_path: Path, keep: float
) -> None:
    # The index at the end and part of the pictures are lost.
    whole = clip.read_bytes()
    begin, end = whole.index(b"movi"), whole.index(b"idx1")
    (tmp_path / "cut.avi").write_bytes(whole[: begin + int((end - begin) * keep)])
    frames = iter(open_source(tmp_path / "cut.avi"))
    next(frames)
    with pytest.raises(SourceError, match=r"cut\.avi ended after \d of 10 frames"):
        list(frames)


def test_a_video_file_is_let_go_when_the_source_is_closed(clip: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.avi"
    copy.write_bytes(clip.read_bytes())
    fds = Path("/proc/self/fd")

    def held() -> int:
        return sum(1 for fd in fds.iterdir() if fd.exists() and fd.resolve() == copy.resolve())

    with open_source(copy) as source:
        next(iter(source))
        assert held() > 0
    assert held() == 0


def test_the_example_clips_are_read_whole(repository: Path) -> None:
    clips = repository / "examples" / "data" / "clips"
    for name, frames, side in (
        ("Vir_whitelung_h1n1.mp4", 123, 270),
        ("Reg_Image_181739_trimmed_crop.mp4", 104, 386),
    ):
        with open_source(clips / name) as source:
            shapes = [f.pixels.shape for f in source]
            assert source.count == frames
        assert shapes == [(side, side, 3)] * frames


def test_times_never_go_back_in_any_of_the_development_clips(development_data: Path) -> None:
    clips = development_data / "clips"
    for entry in json.loads((clips / "manifest.json").read_text()):
        times = [p.time_s for p in video(clips / entry["file"]).pictures()]
        assert len(times) == entry["frames"], entry["file"]
        assert (np.diff(np.array(times, dtype=float)) > 0).all(), entry["file"]


@pytest.mark.req("R38")
def test_interlaced_video_is_refused_and_gives_no_left_over_memory(repository: Path) -> None:
    path = repository / "tests/data/sources/interlaced.mpg"
    with pytest.raises(SourceError, match=r"interlaced\.mpg is interlaced.*ffmpeg .*yadif"):
        list(open_source(path))
    with pytest.raises(SourceError, match="is interlaced"):  # in its own process as well
        list(sources.open_source(path))


def test_a_video_trimmed_without_encoding_is_whole(repository: Path) -> None:
    path = repository / "tests/data/sources/trim_editlist.mp4"
    with open_source(path) as source:
        frames = list(source)
        assert source.count == len(frames) == 15
    times = [
        p.time_s for p in video(repository / "tests/data/sources/trim_editlist.mp4").pictures()
    ]
    assert np.diff(times) == pytest.approx([0.04] * 14)


def test_motion_jpeg_whose_size_changes_is_not_stretched(tmp_path: Path) -> None:
    parts = []
    for index, width in enumerate((64, 96)):
        path = tmp_path / f"{index}.avi"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (width, 48))
        for _ in range(3):
            writer.write(np.full((48, width, 3), 90, dtype=np.uint8))
        writer.release()
        data = path.read_bytes()
        parts.append(data[data.index(b"movi") + 4 : data.index(b"idx1")])
    whole = (tmp_path / "0.avi").read_bytes()
    begin, end = whole.index(b"movi") + 4, whole.index(b"idx1")
    (tmp_path / "a.avi").write_bytes(whole[:begin] + parts[0] + parts[1] + whole[end:])
    frames = iter(open_source(tmp_path / "a.avi"))
    for _ in range(3):
        assert next(frames).pixels.shape == (48, 64, 3)
    with pytest.raises(SourceError, match="change from 64 x 48 to 96 x 48 pixels at frame 4"):
        next(frames)


def test_of_several_video_streams_none_is_taken_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: Path
) -> None:
    from sonoedge.sources.formats import mp4

    two = mp4.Movie(complete=True, video_tracks=2, shown_s=None)
    monkeypatch.setattr(mp4, "movie", lambda path: two)
    with pytest.raises(SourceError, match="holds 2 video streams; keep the one that is meant"):
        open_source(repository / "tests/data/sources/trim_editlist.mp4")


def test_the_shape_of_pixels_is_that_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clip: Path
) -> None:
    assert [p.pixel_aspect for p in video(clip).pictures()] == [None] * 10  # it says nothing
    capture = cv2.VideoCapture

    class Wide:
        """A capture with pixels of 16 to 15, as a PAL grabber's."""

        def __init__(self, *args: object) -> None:
            self._capture: Any = capture(*args)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._capture, name)

        def get(self, key: int) -> float:
            ratio = {cv2.CAP_PROP_SAR_NUM: 16.0, cv2.CAP_PROP_SAR_DEN: 15.0}
            return ratio[key] if key in ratio else float(self._capture.get(key))

    monkeypatch.setattr(cv2, "VideoCapture", Wide)
    (frame, *_) = open_source(clip)
    assert frame.pixel_aspect == pytest.approx(16 / 15)


@pytest.mark.parametrize(("suffix", "codec"), [(".wmv", "WMV2"), (".mkv", "MJPG")])
def test_other_containers_are_read(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"a{suffix}"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), 20, (64, 48))
    assert writer.isOpened()
    for shade in SHADES:
        writer.write(np.full((48, 64, 3), shade, dtype=np.uint8))
    writer.release()
    assert len(list(open_source(path))) == len(SHADES)


def test_an_animated_gif_is_a_video(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="needs Pillow, which writes the file")
    frames = [image.fromarray(np.full((48, 64), shade, dtype=np.uint8)) for shade in SHADES]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=50)
    with open_source(tmp_path / "a.gif") as source:
        levels = [int(frame.pixels[0, 0, 0]) for frame in source]
        assert source.fps == pytest.approx(20)
    assert levels == list(SHADES)
