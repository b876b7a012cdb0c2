"""examples/reference/seeds.py, on a few drawn frames."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs torch")


def test_seeds_go_on_where_they_stopped_and_end_with_mean_and_spread(
    reference: Path,
    tmp_path: Path,
    drawn_set: Callable[[Path, int], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seeds = importlib.import_module("seeds")
    monkeypatch.setattr(seeds, "ARMS", {"one": ("--trunk", "none"), "two": ("--tone", "0")})
    data, other = drawn_set(tmp_path / "one", 30), drawn_set(tmp_path / "two", 27)
    words = ["--data", str(data), "--unseen", str(other), "--out", str(tmp_path / "out")]
    words += ["--batches", "1", "--size", "32", "--device", "cpu", "--seeds"]

    def table(*chosen: str) -> list[str]:
        monkeypatch.setattr("sys.argv", ["seeds.py", *words, *chosen])
        seeds.main()
        return capsys.readouterr().out.splitlines()[-4:]

    head, _, *first = table("1")
    assert [cell for cell in head.split(" | ") if "alarms" in cell] == []  # no frame is normal
    assert all("±" not in line for line in first)
    made = seeds.record(tmp_path / "out", "one", 1)
    before = made.stat().st_mtime_ns
    both = table("1", "2")[2:]
    assert made.stat().st_mtime_ns == before
    runs = [json.loads(seeds.record(tmp_path / "out", "two", n).read_text()) for n in (1, 2)]
    mean = sum(run["dice_unseen"] for run in runs) / 2
    spread = abs(runs[0]["dice_unseen"] - runs[1]["dice_unseen"]) / 2**0.5
    assert both[1].startswith("| two | 2 |")
    assert f"| {mean:.3f} ± {spread:.3f} |" in both[1]
