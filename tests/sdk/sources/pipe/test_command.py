"""Commands as people write them."""

from __future__ import annotations

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.sources.pipe import command_from
from sonoedge.sources.pipe.gstreamer import Raw

CAPS = "video/x-raw,format=GRAY8,width=641,height=48"


def test_a_pipelines_size_is_that_of_its_last_caps() -> None:
    spec = f"pipe:gst-launch-1.0 x ! video/x-raw,width=9,height=9 ! y ! {CAPS} ! z ! fdsink fd=1"
    assert command_from(spec).raw == Raw(format="GRAY8", width=641, height=48)
    typed = 'pipe:gst-launch-1.0 x ! "video/x-raw, format=(string)BGR, width=(int)5, height=(int)2"'
    assert command_from(f"{typed} ! fdsink").raw == Raw(format="BGR", width=5, height=2)


def test_a_prefix_says_it_for_a_pipeline_without_caps() -> None:
    command = command_from("pipe:BGR,5x2:nice gst-launch-1.0 'a b' ! fdsink")
    assert command.raw == Raw(format="BGR", width=5, height=2)
    assert command.words == ("nice", "gst-launch-1.0", "a b", "!", "fdsink")


def test_another_program_says_the_size_in_what_it_writes() -> None:
    command = command_from("pipe:ffmpeg -i 'a b' -f image2pipe -c:v pgm -")
    assert command.raw is None
    assert command.words_for(9) == ("ffmpeg", "-i", "a b", "-f", "image2pipe", "-c:v", "pgm", "-")


@pytest.mark.req("R70")
@pytest.mark.parametrize("spec", ["pipe:GRAY8,4x4:cat", "pipe:GRAY8,4x4:sh -c 'gst-launch-1.0 x'"])
def test_raw_pictures_of_which_nothing_tells_the_size_are_refused(spec: str) -> None:
    with pytest.raises(InvalidSettings, match="PGM"):
        command_from(spec)


@pytest.mark.parametrize(
    "spec",
    [
        "pipe:",
        "pipe:cat 'open",
        "pipe:GRAY8,4x4:",
        "pipe:I420,4x4:gst-launch-1.0 x ! fdsink",
        "pipe:GRAY8,0x4:gst-launch-1.0 x ! fdsink",
        "pipe:GRAY8,9000x4:gst-launch-1.0 x ! fdsink",
        "pipe:gst-launch-1.0 x ! video/x-raw,format=NV12,width=4,height=4 ! fdsink",
        "pipe:gst-launch-1.0 x ! video/x-raw,format=GRAY8 ! fdsink",
        "pipe:gst-launch-1.0 x ! fdsink",
        f"pipe:gst-launch-1.0 x ! {CAPS} ! filesink location=/dev/stdout",
    ],
)
def test_a_command_that_does_not_say_what_it_writes_is_refused(spec: str) -> None:
    with pytest.raises(InvalidSettings):
        command_from(spec)
