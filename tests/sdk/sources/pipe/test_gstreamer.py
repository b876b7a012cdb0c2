"""What a pipeline is told to give, and what GStreamer makes of it."""

from __future__ import annotations

import shutil
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from sonoedge.errors import InvalidSettings, SourceError
from sonoedge.sources import open_source
from sonoedge.sources.pipe import command_from, pipe
from sonoedge.sources.pipe.gstreamer import Raw, demanding

RAW = Raw(format="GRAY8", width=641, height=48)
RAW_GREY = "video/x-raw,format=GRAY8"
CAPS = f"{RAW_GREY},width=641,height=48"
SOURCE = "videotestsrc is-live=true pattern=gradient"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes seconds to start a pipeline; how long is not asked here."""
    monkeypatch.setattr("sonoedge.sources.pipe.pictures._FIRST_S", 60.0)


@pytest.fixture
def gst() -> str:
    if shutil.which("gst-launch-1.0") is None:
        pytest.skip("needs gst-launch-1.0 (gstreamer1.0-tools, gstreamer1.0-plugins-base)")
    return "gst-launch-1.0"


def test_what_it_must_give_stands_before_the_sink() -> None:
    words = ("gst-launch-1.0", "x", "!", "fdsink", "fd=1", "sync=false")
    demanded = ("videoconvert", "!", CAPS, "!", "fdsink", "fd=7", "sync=false")
    assert demanding(words, RAW, 7) == ("gst-launch-1.0", "x", "!", *demanded)


@pytest.mark.parametrize(
    "words",
    [
        ("gst-launch-1.0", "playbin"),
        ("gst-launch-1.0", "x", "!", "fdsink", "y", "!", "fakesink"),
        ("gst-launch-1.0", "x", "!", "fdsink", "fd=1", "t."),
        ("gst-launch-1.0", "x", "!", "fdsink", "t.", "!", "fdsink"),
    ],
)
def test_a_pipeline_that_does_not_end_with_its_one_sink_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidSettings, match="fdsink"):
        demanding(words, RAW, 7)


def test_padding_at_the_end_of_rows_is_left_out() -> None:
    raw = Raw(format="GRAY8", width=5, height=3)
    assert raw.picture_bytes == 24
    assert raw.pixels(bytearray(range(24))).tolist() == [
        [0, 1, 2, 3, 4], [8, 9, 10, 11, 12], [16, 17, 18, 19, 20]
    ]  # fmt: skip
    assert Raw(format="BGR", width=5, height=2).row_bytes == 16


@pytest.mark.req("R61")
@pytest.mark.parametrize("quiet", ["-q", "-v"])
@pytest.mark.parametrize(
    "spec",
    ["{gst} {source} ! {caps} ! fdsink fd=1 sync=false", "GRAY8,641x48:{gst} {source} ! fdsink"],
)
def test_pictures_are_straight_whatever_is_printed_besides(gst: str, spec: str, quiet: str) -> None:
    spec = spec.format(gst=f"{gst} {quiet}", source=SOURCE, caps=CAPS)
    with open_source(f"pipe:{spec}") as source:
        frame = next(iter(source))
    assert frame.pixels.shape == (48, 641)
    assert np.all(frame.pixels == frame.pixels[:, :1])  # rows of one level: no shear
    assert frame.pixels[0, 0] != frame.pixels[-1, 0]


@pytest.mark.req("R70")
def test_a_pipeline_of_another_size_ends_with_an_error(gst: str) -> None:
    spec = f"pipe:GRAY8,300x200:{gst} -q {SOURCE} ! {CAPS} ! fdsink fd=1 sync=false"
    with (
        open_source(spec) as source,
        pytest.raises(SourceError, match=r"does not give .*300 x 200"),
    ):
        next(iter(source))


@pytest.mark.req("R70")
def test_a_size_that_changes_ends_it_though_the_bytes_are_as_many(gst: str) -> None:
    one, other = "width=300,height=200", "width=200,height=300"
    parts = [f"videotestsrc num-buffers=3 ! {RAW_GREY},{size} ! c." for size in (one, other)]
    spec = f"pipe:GRAY8,300x200:{gst} -q {parts[0]} {parts[1]} concat name=c ! fdsink"
    contents = pipe(command_from(spec))
    with closing(contents), closing(contents.pictures()) as pictures:
        read = list(islice(pictures, 3))
        with pytest.raises(SourceError, match=r"does not give .*300 x 200"):
            next(pictures)
    assert {picture.pixels.shape for picture in read} == {(200, 300)}


@pytest.mark.req("R70")
def test_a_pipeline_of_another_format_is_converted(gst: str) -> None:
    caps = CAPS.replace("GRAY8", "BGR")
    with open_source(f"pipe:GRAY8,641x48:{gst} -q {SOURCE} ! {caps} ! fdsink") as source:
        frame = next(iter(source))
    assert frame.pixels.shape == (48, 641)
    assert np.ptp(frame.pixels, axis=1).max() <= 1


@pytest.mark.req("R70")
def test_bytes_that_gstreamer_knows_no_size_of_are_no_pictures(gst: str, tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(bytes(60_000))
    spec = f"pipe:GRAY8,300x200:{gst} -q filesrc location={tmp_path}/raw ! fdsink"
    with (
        open_source(spec) as source,
        pytest.raises(SourceError, match=r"does not give .*300 x 200"),
    ):
        next(iter(source))
