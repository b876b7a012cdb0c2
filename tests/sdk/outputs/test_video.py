from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from sonoedge.errors import InvalidSettings, OutputError
from sonoedge.outputs.video import Folder, Video, letterboxed, open_writer


def picture(height: int = 96, width: int = 128, level: int = 0) -> npt.NDArray[np.uint8]:
    return np.full((height, width, 3), level, dtype=np.uint8)


def frames_of(path: Path) -> list[npt.NDArray[np.uint8]]:
    video = cv2.VideoCapture(str(path))
    frames: list[npt.NDArray[np.uint8]] = []
    while True:
        more, frame = video.read()
        if not more:
            video.release()
            return frames
        frames.append(np.asarray(frame, dtype=np.uint8))


def test_a_video_holds_the_pictures_in_order_at_its_rate(tmp_path: Path) -> None:
    path = tmp_path / "overlay.mp4"
    with open_writer(path, fps=12.5) as writer:
        for level in (20, 90, 160, 230):
            writer.write(picture(level=level))
    video = cv2.VideoCapture(str(path))
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(12.5)
    video.release()
    levels = [float(frame.mean()) for frame in frames_of(path)]
    assert levels == pytest.approx([20, 90, 160, 230], abs=2)


def test_a_video_is_vp9_in_mp4_which_browsers_play(tmp_path: Path) -> None:
    path = tmp_path / "overlay.mp4"
    with open_writer(path) as writer:
        writer.write(picture())
    data = path.read_bytes()
    assert data[4:8] == b"ftyp"
    assert b"vp09" in data
    assert b"vpcC" in data, "the box that tells a browser the profile"


def test_a_video_is_vp8_in_webm_which_browsers_play_and_opencv_says_nothing_of_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "overlay.webm"
    with open_writer(path) as writer:
        writer.write(picture())
    data = path.read_bytes()
    assert data[:4] == b"\x1a\x45\xdf\xa3"
    assert b"webm" in data[:64]
    assert b"V_VP8" in data
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("ending", [".webm", ".avi"])
def test_a_fast_video_holds_the_pictures_in_order_at_its_rate(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"overlay{ending}"
    with open_writer(path, fps=12.5) as writer:
        for level in (20, 90, 160, 230):
            writer.write(picture(level=level))
    video = cv2.VideoCapture(str(path))
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(12.5)
    video.release()
    levels = [float(frame.mean()) for frame in frames_of(path)]
    assert levels == pytest.approx([20, 90, 160, 230], abs=2)


@pytest.mark.parametrize("ending", [".webm", ".mp4", ".avi"])
def test_grey_tissue_stays_grey_and_as_bright_as_it_was(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"overlay{ending}"
    ramp = np.repeat(np.arange(0, 256, 16, dtype=np.uint8), 48)
    with open_writer(path) as writer:
        writer.write(np.repeat(np.tile(ramp, (96, 1))[:, :, None], 3, axis=2))
    (frame,) = frames_of(path)
    for i in range(16):
        shown = frame[20:76, i * 48 + 16 : i * 48 + 32].reshape(-1, 3).mean(axis=0)
        assert np.ptp(shown) < 1
        assert shown.mean() == pytest.approx(16 * i, abs=2)


def test_pictures_are_not_changed_by_writing_them(tmp_path: Path) -> None:
    one = picture(97, 127, 80)
    one.setflags(write=False)
    with open_writer(tmp_path / "overlay.mp4") as writer:
        writer.write(one)
    assert (one == 80).all()


def test_odd_sizes_grow_by_a_row_and_a_column(tmp_path: Path) -> None:
    path = tmp_path / "overlay.mp4"
    with open_writer(path) as writer:
        writer.write(picture(97, 127, 200))
    (frame,) = frames_of(path)
    assert frame.shape == (98, 128, 3)
    assert frame[:97, :127].mean() == pytest.approx(200, abs=4)


def test_a_picture_of_another_size_is_letterboxed_into_the_first_ones(tmp_path: Path) -> None:
    path = tmp_path / "overlay.mp4"
    with open_writer(path) as writer:
        writer.write(picture(96, 128, 0))
        writer.write(picture(96, 64, 200))
    _, second = frames_of(path)
    assert second.shape == (96, 128, 3)
    assert second[:, 36:92].mean() == pytest.approx(200, abs=6)
    assert second[:, :24].mean() < 6
    assert second[:, 104:].mean() < 6


@pytest.mark.parametrize("hw", [(50, 400), (400, 50), (1, 1), (1000, 999), (96, 128), (95, 127)])
def test_letterboxing_gives_the_canvas_and_keeps_the_aspect(hw: tuple[int, int]) -> None:
    canvas = letterboxed(picture(*hw, level=255), (128, 96))
    assert canvas.shape == (96, 128, 3)
    lit = canvas[:, :, 0] > 127
    height, width = int(lit.any(axis=1).sum()), int(lit.any(axis=0).sum())
    assert height <= 96
    assert width <= 128
    factor = min(128 / hw[1], 96 / hw[0])
    assert width == pytest.approx(hw[1] * factor, abs=1)
    assert height == pytest.approx(hw[0] * factor, abs=1)


def test_a_video_without_pictures_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "overlay.mp4"
    open_writer(path).close()
    assert not path.exists()


def test_a_video_closed_twice_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "overlay.mp4"
    writer = open_writer(path)
    writer.write(picture())
    writer.close()
    writer.close()
    assert len(frames_of(path)) == 1


def test_a_video_that_cannot_be_written_is_refused_before_the_first_frame(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*No such file or directory"):
        open_writer(tmp_path / "absent" / "overlay.mp4")


class NoEncoder:
    """An OpenCV that was built without the encoder."""

    fourcc = cv2.VideoWriter.fourcc

    def __init__(self, *args: Any) -> None:
        pass

    def isOpened(self) -> bool:
        return False


def test_an_opencv_without_the_encoder_is_told_to_use_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "VideoWriter", NoEncoder)
    with (
        pytest.raises(OutputError, match=r"cannot encode VP9 .* give a folder"),
        open_writer(tmp_path / "overlay.mp4") as writer,
    ):
        writer.write(picture())


class Forgetful(NoEncoder):
    """Drops pictures without a word, as OpenCV does on a full disk."""

    def isOpened(self) -> bool:
        return True

    def write(self, picture: Any) -> None:
        pass

    def release(self) -> None:
        pass


def test_a_video_that_lost_pictures_is_not_called_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "VideoWriter", Forgetful)
    writer = open_writer(tmp_path / "overlay.mp4")
    writer.write(picture())
    with pytest.raises(OutputError, match="is incomplete"):
        writer.close()


class Interrupted:
    """Ctrl-C is pressed while OpenCV writes: Python hears of it when the write is done."""

    fourcc = cv2.VideoWriter.fourcc
    real: Any = cv2.VideoWriter

    def __init__(self, *args: Any) -> None:
        self.video = self.real(*args)

    def isOpened(self) -> bool:
        return bool(self.video.isOpened())

    def write(self, picture: Any) -> None:
        self.video.write(picture)
        raise KeyboardInterrupt

    def release(self) -> None:
        self.video.release()


def test_a_video_that_was_interrupted_in_a_picture_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "overlay.mp4"
    monkeypatch.setattr(cv2, "VideoWriter", Interrupted)
    with pytest.raises(KeyboardInterrupt), open_writer(path) as writer:
        writer.write(picture())
    assert len(frames_of(path)) == 1


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan"), 1e9])
def test_a_rate_that_makes_no_sense_is_refused(fps: float, tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="frames per second"):
        open_writer(tmp_path / "overlay.mp4", fps)
    assert not (tmp_path / "overlay.mp4").exists()


def test_a_folder_gets_a_png_per_picture_bit_for_bit(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 97, 127, 3)).astype(np.uint8)
    with open_writer(tmp_path / "deep" / "overlay") as writer:
        for one in noise:
            writer.write(one)
    files = sorted((tmp_path / "deep" / "overlay").iterdir())
    assert [file.name for file in files] == ["frame_000000.png", "frame_000001.png"]
    for file, one in zip(files, noise, strict=True):
        assert (cv2.imread(str(file)) == one).all()


def test_pictures_of_two_runs_do_not_mix(tmp_path: Path) -> None:
    (tmp_path / "frame_000007.png").write_bytes(b"")
    with pytest.raises(OutputError, match="already holds pictures"):
        open_writer(tmp_path)


def test_a_folder_that_cannot_be_made_is_our_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot write into"):
        open_writer(tmp_path / "file")


def test_a_picture_that_cannot_be_written_is_our_error(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "overlay")
    (tmp_path / "overlay").rmdir()
    with pytest.raises(OutputError, match=r"cannot write .*frame_000000\.png"):
        writer.write(picture())


def test_the_name_chooses_between_video_and_folder(tmp_path: Path) -> None:
    (tmp_path / "run.2").mkdir()
    assert isinstance(open_writer(tmp_path / "a.MP4"), Video)
    assert isinstance(open_writer(tmp_path / "a"), Folder)
    assert isinstance(open_writer(tmp_path / "run.2"), Folder)
    with pytest.raises(InvalidSettings, match=r"end the name in \.webm, \.mp4, \.avi, or name"):
        open_writer(tmp_path / "a.mov")


def test_a_folders_pictures_are_named_after_their_files_and_none_is_lost(tmp_path: Path) -> None:
    with open_writer(tmp_path / "overlay") as writer:
        for name in ("a.jpg", "a.png", "b.tif", None, "a.png"):
            writer.write(picture(), name)
    assert sorted(file.name for file in (tmp_path / "overlay").iterdir()) == [
        "a.png",
        "a.png-frame_000004.png",
        "a.png.png",
        "b.png",
        "frame_000003.png",
    ]


def test_a_path_that_cannot_be_looked_at_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*File name too long"):
        open_writer(tmp_path / ("x" * 300))
