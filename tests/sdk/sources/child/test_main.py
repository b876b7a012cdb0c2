"""sources/child/main.py: what the process may do, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import (
    SourceCrashed,
    SourceError,
)
from sonoedge.sources.child.limits import Limits
from sonoedge.sources.child.reader import ChildReader


def play(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_processor_time_is_limited_for_each_picture(tmp_path: Path, reader: str) -> None:
    with (
        ChildReader(Limits(cpu_s=1)) as child,
        pytest.raises(SourceCrashed, match="used up its processor time"),
    ):
        list(child.open(reader, play(tmp_path / "f", "read spin")).pictures())


def test_memory_is_limited_and_the_process_goes_on(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    with pytest.raises(SourceError, match="f needs more memory to decode than"):
        list(child.open(reader, play(tmp_path / "f", "read swell")).pictures())
    assert len(list(child.open(reader, play(tmp_path / "g", "read nothing")).pictures())) == 3


@pytest.mark.req("R41")
def test_what_a_decoder_says_of_a_patient_does_not_get_out(
    tmp_path: Path, reader: str, child: ChildReader, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SourceError, match=r"f cannot be decoded.*\(ValueError\)") as caught:
        list(child.open(reader, play(tmp_path / "f", "read raise")).pictures())
    assert "DOE" not in str(caught.value)
    list(child.open(reader, play(tmp_path / "f", "read print")).pictures())
    out = capfd.readouterr()
    assert out.out == out.err == ""


def test_the_process_cannot_write_files(
    tmp_path: Path, reader: str, child: ChildReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(SourceError):
        list(child.open(reader, play(tmp_path / "f", "read write")).pictures())
    assert (tmp_path / "stolen").stat().st_size == 0
