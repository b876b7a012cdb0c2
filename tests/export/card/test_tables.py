from __future__ import annotations

import re
from pathlib import Path

from sonoedge_export.card.measurement import Figure, measurement
from sonoedge_export.card.tables import HEAD, accuracy_row, cell

KEYS = (
    "dice_mean",
    "malignancy_auroc",
    "region_sensitivity",
    "false_regions_per_frame",
    "sensitivity",
    "specificity",
)


def test_the_reference_card_is_written_with_these_rows(repository: Path) -> None:
    card = (repository / "examples/reference/MODEL_CARD.md").read_text()
    assert HEAD in card
    first = card.partition(HEAD)[2].strip().partition("\n")[0]
    name, frames, *figures = (text.strip() for text in first.strip("|").split("|"))
    numbers = [[float(n) for n in re.findall(r"[\d.]+", text)] for text in figures]
    assert [len(n) for n in numbers] == [3, 3, 1, 1, 3, 3]
    metrics: dict[str, object] = {"frames": int(frames)}
    for key, (value, *interval) in zip(KEYS, numbers, strict=True):
        metrics[key] = value + 0.0004  # what is shown is rounded
        if interval:
            metrics[f"{key.removesuffix('_mean')}_ci95"] = [n + 0.0004 for n in interval]
    row = accuracy_row(measurement(name, metrics))
    assert row == first
    assert len(re.findall(r"\|", row)) == len(re.findall(r"\|", HEAD.partition("\n")[0]))


def test_what_was_not_measured_is_a_dash_and_never_blank() -> None:
    assert cell(None) == cell(Figure(value=None, ci95=(0.1, 0.2))) == "-"
    assert accuracy_row(measurement("x", {})) == "| x | - | - | - | - | - | - | - |"
