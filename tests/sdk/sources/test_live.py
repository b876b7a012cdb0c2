"""Which texts name live sources, and what results call them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.sources.live import is_folder, live_device, live_name


@pytest.mark.parametrize(
    "spec",
    ["/dev/video3", "igtl://scanner/Image", "pipe:cat raw"],
)
def test_a_live_source_is_named_and_not_opened(spec: str) -> None:
    assert live_device(spec) is not None


@pytest.mark.parametrize(
    "spec", ["clip.mp4", "rtsp://h/x", "igtl", "igtl:a.dcm", "clarius:a.dcm", "/dev/videoX"]
)
def test_anything_else_is_no_live_source(spec: str) -> None:
    assert live_device(spec) is None
    assert live_name(spec) is None


def test_one_that_is_written_wrongly_is_refused_before_anything_is_opened() -> None:
    for spec in ("igtl://", "pipe:GRAY8,4x4:cat raw", "clarius://10.0.0.7"):
        with pytest.raises(InvalidSettings):
            live_device(spec)


def test_results_name_neither_host_nor_command() -> None:
    assert live_name("igtl://or-3.hospital.example/Image") == "igtl"
    assert live_name("pipe:GRAY8,4x4:cat /home/jane/raw") == "pipe"
    assert live_name("/dev/video2") == "video2"


def test_a_live_source_is_no_folder_however_long_its_text(tmp_path: Path) -> None:
    assert is_folder(str(tmp_path))
    assert not is_folder("")  # an unset variable's: it would be the folder that one is in
    assert not is_folder("pipe:GRAY8,4x4:" + "x" * 5000)
