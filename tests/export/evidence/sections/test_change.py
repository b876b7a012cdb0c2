from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.bundle import read_bundle
from sonoedge.errors import InvalidData
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.change import against

from .documents import table, texts, verify, with_manifest

Read = Callable[..., Inputs]


@pytest.fixture
def older(tmp_path: Path) -> Path:
    def change(manifest: dict[str, Any]) -> None:
        manifest["postprocess"]["min_area_input_px"] = 10.0
        manifest["variants"][0]["metrics"]["dice_mean"] = 0.8

    return with_manifest(tmp_path / "older", change)


def test_each_part_has_its_modification_protocol_and_impact(read: Read, older: Path) -> None:
    plan = table(against(read(against=older)), "plan")
    assert plan.columns == ("part", "modification", "protocol", "impact")
    rows = {row.cells[0].text: row.cells for row in plan.rows}
    assert rows["thresholds"][1].text == "postprocess.min_area_input_px: 10 -> 20 (+10)"
    assert rows["thresholds"][2].text == "gates of the new bundle: 10 passed, 0 undecided, 0 failed"
    assert "dice_mean +0.0587" in rows["thresholds"][3].text
    assert [cell.text for cell in rows["weights"]][1:] == ["unchanged"] * 3
    assert "results" not in rows


def test_every_value_and_every_figure_stands_beside_its_older_one(read: Read, older: Path) -> None:
    section = against(read(against=older))
    changes = texts(table(section, "changes").rows)
    assert ["thresholds", "postprocess.min_area_input_px", "10", "20"] in changes
    (dice,) = [
        row for row in texts(table(section, "figures").rows)
        if row[:2] == ["onnxruntime-fp32", "dice_mean"]
    ]  # fmt: skip
    assert dice[2:] == ["0.8", "0.8587", "+0.0587"]


def test_without_an_older_bundle_there_is_nothing_to_compare(read: Read) -> None:
    assert against(read()).tables == ()


def measured(bundle_id: str) -> dict[str, Any]:
    gate = {"answer": "pass", "measured": 0.001, "limit": 0.005, "ci95": [-0.002, 0.003],
            "why": "dice_drop is 0.001"}  # fmt: skip
    undecided = gate | {"answer": "undecided", "why": "too few"}
    figures = {"dice_drop": gate, "auroc_drop": undecided}
    return verify() | {"against": {"bundle_id": bundle_id, "figures": figures}}


def test_what_was_lost_on_the_same_frames_has_its_paired_interval(
    read: Read, older: Path, written: Callable[[str, Any], Path]
) -> None:
    document = measured(read_bundle(older).manifest.bundle_id)
    section = against(read(against=older, verify=(written("v.json", document),)))
    first, second = table(section, "paired").rows
    assert [cell.text for cell in first.cells][:3] == ["UNDECIDED", "a set", "auroc_drop"]
    assert (second.cells[3].text, second.cells[3].detail) == ("0.001", "-0.002 to 0.003")
    assert (first.mark, second.mark) == ("undecided", "pass")


def test_without_a_measurement_the_paired_figures_are_not_provided(
    read: Read, older: Path, written: Callable[[str, Any], Path]
) -> None:
    section = against(read(against=older, verify=(written("v.json", verify()),)))
    assert table(section, "paired").rows == ()
    assert table(section, "paired").empty == "not provided"


def test_figures_against_a_third_bundle_are_refused(
    read: Read, older: Path, written: Callable[[str, Any], Path]
) -> None:
    inputs = read(against=older, verify=(written("v.json", measured("third-1")),))
    with pytest.raises(InvalidData, match=r"v\.json compares with third-1, not with dark-spots-1-"):
        against(inputs)
