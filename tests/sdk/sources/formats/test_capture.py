"""sources/formats/capture.py"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.errors import SourceError
from sonoedge.sources import open_source
from sonoedge.sources.formats import codecs
from sonoedge.sources.formats.capture import find_decoder, open_capture

# Its own process, for what FFmpeg prints; by the SDK, and by OpenCV as it comes.
_BY_SDK = """
import sys
from sonoedge.errors import SourceError
from sonoedge.sources.formats import capture
capture._TRIED = capture._SOUND = None  # nothing that FFmpeg prints is kept back
from sonoedge.sources import open_source
try:
    print(len(list(open_source(sys.argv[1], isolation="none"))), "frames")
except SourceError as error:
    print("refused")
"""
_BY_OPENCV = "import cv2, sys; print(cv2.VideoCapture(sys.argv[1]).read()[0])"


def write(path: Path, codec: str) -> Path:
    """Three frames, encoded by OpenCV's own FFmpeg."""
    fourcc = cv2.VideoWriter.fourcc(*codec)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, fourcc, 20, (64, 48))
    if not writer.isOpened():
        pytest.skip(f"this OpenCV does not write {codec}")
    for shade in (40, 80, 120):
        writer.write(np.full((48, 64, 3), shade, dtype=np.uint8))
    writer.release()
    return path


@pytest.fixture
def magicyuv(tmp_path: Path) -> Path:
    """A true MagicYUV file."""
    return write(tmp_path / "a.avi", "MAGY")


@pytest.fixture
def claimed(tmp_path: Path) -> Path:
    """Motion JPEG whose header says MagicYUV."""
    path = write(tmp_path / "b.avi", "MJPG")
    data = path.read_bytes()
    assert data.count(b"MJPG") == 2  # stream header and picture format
    path.write_bytes(data.replace(b"MJPG", b"MAGY"))
    return path


@pytest.fixture
def broken(magicyuv: Path) -> Path:
    """MagicYUV whose frames say that their header is one byte long; its decoder complains."""
    header = b"MAGY" + bytes([32, 0, 0, 0])
    headers, movie, frames = magicyuv.read_bytes().partition(b"movi")
    assert frames.count(header) == 3
    frames = frames.replace(header, b"MAGY" + bytes([1, 0, 0, 0]))
    magicyuv.write_bytes(headers + movie + frames)
    return magicyuv


def printed(program: str, path: Path) -> str:
    command = [sys.executable, "-c", program, str(path)]
    environment = {k: v for k, v in os.environ.items() if k not in codecs.HIDING}
    environment["OPENCV_LOG_LEVEL"] = "ERROR"
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("isolation", ["process", "none"])
@pytest.mark.parametrize("file", ["magicyuv", "claimed", "broken"])
def test_a_codec_that_is_not_listed_is_refused_by_name(
    file: str, isolation: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(file)
    with pytest.raises(SourceError, match=r"is encoded as magicyuv,.* ffmpeg -i IN .*-c:v ffv1"):
        open_source(path, isolation=isolation)  # type: ignore[arg-type]


def test_the_decoder_of_a_codec_that_is_not_listed_does_not_run(broken: Path) -> None:
    # It complains where OpenCV opens the file as it comes: were it not so, its silence below
    # would prove nothing.
    complaint = "header or packet too small"
    assert complaint in printed(_BY_OPENCV, broken)
    text = printed(_BY_SDK, broken)
    assert "refused" in text
    assert "Codec (magicyuv) not on whitelist" in text
    assert complaint not in text


def test_the_list_alone_does_not_hold_opencv_and_the_named_decoder_does(magicyuv: Path) -> None:
    """Why each decoder is tried by name: OpenCV opens its own decoder without the list."""
    program = "import os, sys; os.environ.update({%r: %r}); %s"
    listed = printed(program % (codecs.VARIABLE, codecs.OPTIONS, _BY_OPENCV), magicyuv)
    assert "True" in listed
    with pytest.raises(SourceError, match="cannot be opened"):
        open_capture(magicyuv, "mjpeg")


@pytest.mark.parametrize(
    ("name", "codec", "decoder"),
    [
        *(("a.avi", "MJPG", "mjpeg"), ("a.mp4", "mp4v", "mpeg4"), ("a.avi", "XVID", "mpeg4")),
        *(("a.avi", "DIV3", "msmpeg4"), ("a.wmv", "WMV1", "wmv1"), ("a.wmv", "WMV2", "wmv2")),
        *(("a.mpg", "PIM1", "mpeg1video"), ("a.mpg", "MPG2", "mpeg2video")),
        *(("a.avi", "FFV1", "ffv1"), ("a.avi", "HFYU", "huffyuv"), ("a.webm", "VP80", "vp8")),
        *(("a.webm", "VP90", "vp9"), ("a.avi", "I420", "rawvideo")),
    ],
)
def test_each_codec_that_is_listed_is_read_by_its_own_decoder(
    tmp_path: Path, name: str, codec: str, decoder: str
) -> None:
    path = write(tmp_path / name, codec)
    assert find_decoder(path) == decoder
    assert len(list(open_source(path, isolation="none"))) == 3


def test_the_host_s_own_options_are_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.avi", "MJPG")
    monkeypatch.setenv(codecs.VARIABLE, "video_codec;h264")  # would fail, were it obeyed
    assert find_decoder(path) == "mjpeg"
    assert os.environ[codecs.VARIABLE] == "video_codec;h264"
    monkeypatch.delenv(codecs.VARIABLE)
    open_capture(path, "mjpeg").release()
    assert codecs.VARIABLE not in os.environ


def test_tries_that_fail_print_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.avi", "FFV1")
    capfd.readouterr()
    assert find_decoder(path) == "ffv1"
    assert capfd.readouterr().err == ""


@pytest.mark.req("R38")
@pytest.mark.parametrize("variable", codecs.HIDING)
def test_errors_that_the_environment_hides_are_not_missed(
    variable: str, monkeypatch: pytest.MonkeyPatch, repository: Path
) -> None:
    """Interlaced frames are stale memory, and only FFmpeg's log tells."""
    monkeypatch.setenv(variable, "-8")
    path = repository / "tests/data/sources/interlaced.mpg"
    with pytest.raises(SourceError, match="is interlaced"):
        list(open_source(path))  # its process starts without the variable
    with pytest.raises(SourceError, match=f"{variable} is set"):
        open_source(path, isolation="none")


def test_opencv_without_ffmpeg_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2.videoio_registry, "hasBackend", lambda backend: False)
    with pytest.raises(SourceError, match="built without FFmpeg"):
        find_decoder(tmp_path / "a.avi")
