from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge_bench.parse import options, percent


def test_percent_is_read_with_and_without_its_sign() -> None:
    assert percent("10%") == percent("10") == pytest.approx(0.1)
    for text in ("ten", "-1", "nan", ""):
        with pytest.raises(InvalidSettings, match="write it as 10%"):
            percent(text)


def test_each_mode_has_its_own_defaults_and_repeated_values_count_once() -> None:
    assert options(["B"]).frames == 200
    assert options(["B", "--mode", "soak"]).duration_s == 600.0
    sweep = options(["B", "--mode", "sweep", "--fps", "15", "15", "30", "--threads", "1", "1"])
    assert (sweep.fps, sweep.threads, sweep.duration_s) == ((15.0, 30.0), (1,), 10.0)
    assert sweep.explicit == {"fps", "threads"}


def test_a_size_is_two_numbers_that_a_picture_can_have() -> None:
    assert options(["B", "--size", "640x480"]).size == (640, 480)
    for text in ("640", "0x480", "640x0", "9000x480", "640x9000"):
        with pytest.raises(InvalidSettings, match="640x480"):
            options(["B", "--size", text])


def test_nothing_is_written_into_the_bundle_or_over_its_frames(tmp_path: Path) -> None:
    bundle, frames = tmp_path / "bundle", tmp_path / "frames"
    bundle.mkdir()
    frames.mkdir()
    (bundle / "manifest.json").write_text("{}")
    (frames / "1.png").write_bytes(b"1")
    for file, words in (
        (bundle / "manifest.json", "lies in the bundle"),
        (frames / "1.png", "would overwrite what is read"),
    ):
        with pytest.raises(InvalidSettings, match=words):
            options([str(bundle), "--source", str(frames), "--json", str(file)])
