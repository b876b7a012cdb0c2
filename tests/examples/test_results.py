"""The table of trainings is made of their logs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def test_the_table_holds_the_last_figures_of_each_training(reference: Path, tmp_path: Path) -> None:
    import results  # type: ignore[import-not-found]

    for name, more in (("one", 0.0), ("two", 0.1)):
        (tmp_path / name).mkdir()
        row = {"batch": 8, "dice_0": 0.5 + more, "auroc_0": 0.75, "found_0": 0.25, "alarms_0": 1.0}
        row |= {"dice_1": 0.625, "auroc_1": 0.5, "found_1": 0.875}
        (tmp_path / name / "log.json").write_text(json.dumps([{"batch": 4}, row]))
    lines = results.table([tmp_path / "one", tmp_path / "two"], ["A", "B"])
    head = "| training | batches | Dice A | AUROC A | found A | alarms A | Dice B | AUROC B "
    head += "| found B |"
    assert lines[0] == head
    assert lines[1].count("---") == head.count("|") - 1
    assert lines[2:] == [
        "| one | 8 | 0.500 | 0.750 | 0.250 | 1.000 | 0.625 | 0.500 | 0.875 |",
        "| two | 8 | 0.600 | 0.750 | 0.250 | 1.000 | 0.625 | 0.500 | 0.875 |",
    ]
    with pytest.raises(KeyError):
        results.table([tmp_path / "one"], ["A", "B", "C"])
