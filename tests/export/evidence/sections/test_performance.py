from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.performance import gates, performance

from .documents import table, texts, verify, with_manifest

Read = Callable[..., Inputs]
Written = Callable[[str, Any], Path]


def answered(*answers: str) -> Callable[[dict[str, Any]], None]:
    """The first variant's gates answer so, in their order."""

    def change(manifest: dict[str, Any]) -> None:
        gates_of = manifest["variants"][0]["metrics"]["gates"]
        for gate, answer in zip(gates_of.values(), answers, strict=False):
            gate["answer"] = answer

    return change


def test_a_figure_has_its_interval_and_the_frames_that_it_is_of(
    read: Read, written: Written
) -> None:
    section = performance(read(verify=(written("v.json", verify()),)))
    (row,) = table(section, "verify-1").rows
    by_column = dict(zip(table(section, "verify-1").columns, row.cells, strict=True))
    assert by_column["variant"].text == "openvino-fp32"
    assert (by_column["Dice"].text, by_column["Dice"].detail) == (
        "0.760",
        "0.670 to 0.840; n = 46",
    )
    assert by_column["sensitivity"].detail == "0.870 to 1.000; n = 23"
    assert by_column["flags agree"].text == "99.5 %"


def test_a_subgroup_of_fewer_than_ten_frames_is_too_few(read: Read, written: Written) -> None:
    section = performance(read(verify=(written("v.json", verify()),)))
    (row,) = table(section, "verify-1-subgroups").rows
    by_column = dict(zip(table(section, "verify-1-subgroups").columns, row.cells, strict=True))
    assert by_column["subgroup"].text == "openvino-fp32: device <script>"
    assert (by_column["Dice"].text, by_column["Dice"].detail) == ("too few", "n = 9")
    assert by_column["specificity"].text == "too few"
    assert by_column["sensitivity"].text == "not provided"
    assert by_column["frames"].text == "9"


def without_counts(folder: Path) -> Path:
    """The tiny bundle as one from before counts and subgroups were written."""

    def drop(_: dict[str, Any]) -> None:
        file = folder / "verification.json"
        data = json.loads(file.read_text())
        del data["subgroups"]
        for name in ("independent_samples", "positive_frames", "negative_frames"):
            del data["trained"][name]
        file.write_text(json.dumps(data))

    return with_manifest(folder, drop)


def test_a_bundle_of_before_has_figures_whose_count_is_not_provided(
    read: Read, tmp_path: Path
) -> None:
    section = performance(read(bundle=without_counts(tmp_path / "before")))
    row = table(section, "export").rows[0]
    assert row.cells[0].text == "trained network"
    sensitivity = row.cells[table(section, "export").columns.index("sensitivity")]
    assert sensitivity.detail.endswith(" to 1.000; n not provided")
    assert table(section, "export-subgroups").rows == ()


def test_undecided_gates_stand_first_then_failed_ones_and_none_of_them_is_a_pass(
    read: Read, tmp_path: Path
) -> None:
    change = answered("pass", "fail", "undecided", "undecided")
    bundle = with_manifest(tmp_path / "bundle", change)
    rows = table(gates(read(bundle=bundle)), "export").rows
    answers = [row.cells[0].text for row in rows]
    assert answers == ["UNDECIDED", "UNDECIDED", "FAILED", *["passed"] * 7]
    assert [row.mark for row in rows][:4] == ["undecided", "undecided", "fail", "pass"]


def test_an_answer_that_nobody_knows_is_no_pass(read: Read, tmp_path: Path) -> None:
    bundle = with_manifest(tmp_path / "bundle", answered("perhaps"))
    rows = table(gates(read(bundle=bundle)), "export").rows
    (unknown,) = [row for row in rows if row.cells[0].text == "perhaps"]
    assert unknown.mark == "fail"


def test_a_variant_that_was_left_out_is_told_with_its_reason(read: Read, tmp_path: Path) -> None:
    def left_out(manifest: dict[str, Any]) -> None:
        manifest["lineage"]["left_out"] = {"openvino-int8": "dice_drop is 0.1"}

    bundle = with_manifest(tmp_path / "bundle", left_out)
    section = gates(read(bundle=bundle))
    assert texts(table(section, "left-out").rows) == [["openvino-int8", "dice_drop is 0.1"]]


def test_the_limits_are_there(read: Read) -> None:
    limits = dict(texts(table(gates(read()), "limits").rows))
    assert limits["sensitivity_drop"] == "0.01"
    assert limits["undecided"] == "report"


@pytest.mark.parametrize(
    ("key", "value"), [("dice_mean", "high"), ("frames", 1.5), ("dice_ci95", [1]), ("frames", True)]
)
def test_a_figure_of_another_kind_is_refused_by_its_key(
    read: Read, written: Written, key: str, value: Any
) -> None:
    document = verify()
    document["variants"][0]["metrics"][key] = value
    with pytest.raises(InvalidData, match=rf"v\.json: variants\[0\]\.metrics\.{key} must be"):
        performance(read(verify=(written("v.json", document),)))
