"""The card's tables, subgroups and datasheets, on outcomes and frames made by hand."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("scipy", reason="figures are made by SciPy")

from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.evaluation.outcomes import Outcome

FOUND = Outcome(
    analysed=True,
    label="malignant",
    patient="a",
    device=None,
    flags=(),
    has_lesion=True,
    dice=0.8,
    lesions=1,
    lesions_found=1,
    false_regions=0,
    suspicion=0.9,
    flagged=True,
)
MISSED = dataclasses.replace(FOUND, patient="b", dice=0.0, lesions_found=0, flagged=False)
NORMAL = dataclasses.replace(
    FOUND, patient="c", label="normal", has_lesion=False, dice=0.0, lesions=0, lesions_found=0,
    false_regions=2, suspicion=0.4, flagged=False,
)  # fmt: skip


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split("|")[1:-1]]


def test_a_row_tells_lesions_missed_and_false_regions_with_and_without_a_lesion(
    reference: Path,
) -> None:
    from accuracy_table import COLUMNS, HEAD, row  # type: ignore[import-not-found]

    outcomes = [FOUND, FOUND, FOUND, MISSED, NORMAL, NORMAL]
    found = dict(zip(cells(HEAD.splitlines()[0]), cells(row("drawn", outcomes, ("malignant",))),
                     strict=True))  # fmt: skip
    assert (found["frames"], found["n"], found["independent"]) == ("drawn", "6", "3")
    assert set(COLUMNS) < set(found)
    values = {name: found[name].split(" ")[0] for name in COLUMNS}
    assert values == {
        "Dice": "0.600",
        "AUROC": "-",  # no benign lesion
        "lesions missed": "0.250",
        "false regions per frame": "0.667",
        "with a lesion": "0.000",
        "without": "2.000",
        "sensitivity": "0.750",
        "specificity": "1.000",
    }


def test_intervals_are_of_patients_and_none_missed_is_no_certainty(reference: Path) -> None:
    from accuracy_table import false_regions, missed

    one = missed([FOUND, MISSED])
    many = missed([FOUND] * 50 + [MISSED] * 50)  # still two patients
    assert one.value == many.value == 0.5
    assert one.ci95 == many.ci95 == (0.0, 1.0)
    none = missed([dataclasses.replace(FOUND, patient=f"{n}") for n in range(10)])
    assert none.value == 0
    assert none.ci95 is not None
    assert none.ci95[1] == pytest.approx(0.3085, abs=1e-3)  # Clopper and Pearson, none of ten
    assert missed([NORMAL]).value is None
    assert false_regions([]).value is None
    assert false_regions([NORMAL, FOUND, FOUND, FOUND]).value == 0.5


def test_small_groups_and_those_of_all_frames_get_no_row(reference: Path) -> None:
    from accuracy_table import subgroup_rows

    outcomes = [FOUND] * 9 + [NORMAL]
    groups = {"all": range(10), "lesions": range(9), "normal": [9]}
    rows = subgroup_rows(outcomes, groups, ("malignant",))
    assert [cells(r)[:2] for r in rows] == [["lesions", "9"]]


def test_frames_are_grouped_by_scanner_marks_grade_size_and_depth(
    reference: Path, tmp_path: Path
) -> None:
    from subgroups import lesion, subgroups  # type: ignore[import-not-found]

    rows = []
    for n, (radius, y) in enumerate(((10, 30), (40, 100), (0, 0), (60, 170))):
        mask = np.zeros((200, 256), np.uint8)
        if radius:
            cv2.circle(mask, (128, y), radius, 255, -1)
        for name in (f"{n}.png", f"{n}m.png"):
            cv2.imwrite(str(tmp_path / name), mask)
        row = {"image": f"{n}.png", "mask": f"{n}m.png", "label": "benign", "device": f"d{n % 2}"}
        rows.append(row | {"flags": ["text"] * (n == 1), "birads": ["2", "10", None, "4a"][n]})
    rows[0]["spacing_mm"] = rows[1]["spacing_mm"] = [0.2, 0.1]
    file = tmp_path / "frames.json"
    file.write_text(json.dumps({"frames": rows}))
    data = read_labelled(file)
    assert lesion(data.entries[2]) is None
    found = lesion(data.entries[0])
    assert found is not None
    assert found.diameter_px == pytest.approx(20, abs=1)
    assert found.diameter_mm == pytest.approx(20 * np.sqrt(0.02), abs=0.2)
    assert found.depth == pytest.approx(0.15, abs=0.01)
    assert found.depth_mm == pytest.approx(6, abs=0.2)
    groups = subgroups(data, file)
    assert list(groups.items()) == [
        ("scanner d0", [0, 2]),
        ("scanner d1", [1, 3]),
        ("with marks", [1]),
        ("without marks", [0, 2, 3]),
        ("BI-RADS 10", [1]),
        ("BI-RADS 2", [0]),
        ("BI-RADS 4a", [3]),
        ("lesion below 24 px", [0]),
        ("lesion 48 to 96 px", [1]),
        ("lesion 96 px and more", [3]),
        ("lesion below 10 mm", [0]),
        ("lesion 10 to 20 mm", [1]),
        ("lesion in the upper third", [0]),
        ("lesion in the middle third", [1]),
        ("lesion in the lower third", [3]),
        ("depth below 10 mm", [0]),
        ("depth 20 mm and more", [1]),
    ]


def test_a_datasheet_counts_what_the_file_says(reference: Path, tmp_path: Path) -> None:
    from datasheet import datasheet  # type: ignore[import-not-found]

    one = {"label": "benign", "patient": "a", "split": "test", "height": 300, "width": 400}
    other = {"label": "normal", "split": "train", "flags": ["text"], "birads": "2", "device": "X"}
    file = tmp_path / "frames.json"
    file.write_text(json.dumps({"frames": [one, one, other | {"spacing_mm": [0.1, 0.1]}]}))
    lines = datasheet("Drawn", file, {"Licence": "none"})
    assert "| test | 2 | 0 | 2 | 0 | 1 |" in lines
    assert "| train | 1 | 1 | 0 | 0 | not told |" in lines
    assert "- Licence: none" in lines
    assert "- Longest side: 400 to 400 pixels, median 400" in lines
    assert "- Millimetres: known of 1 of 3 frames" in lines
    assert "- Scanners: X (1)" in lines
    assert "- Marks over the picture: text (1)" in lines


def test_the_external_set_is_read_with_the_test_splits_alone(
    reference: Path, tmp_path: Path
) -> None:
    from card import SHEETS, data_sets  # type: ignore[import-not-found]

    sheets = json.loads(SHEETS.read_text())
    assert [n for n, s in sheets.items() if s.get("external")] == ["breast_usg"]
    picture = np.zeros((8, 8), np.uint8)
    for folder in sheets:
        (tmp_path / folder).mkdir()
        rows = []
        for split in ("train", "val", "test"):
            cv2.imwrite(str(tmp_path / folder / f"{split}.png"), picture)
            rows.append({"image": f"{split}.png", "label": "normal", "split": split})
        (tmp_path / folder / "frames.json").write_text(json.dumps({"frames": rows}))
    val = data_sets(sheets, tmp_path, "val")
    assert [(s.name, len(s.data)) for s in val] == [
        ("BUSI val", 1), ("BUS-BRA val", 1), ("BUS-UCLM val", 1),
    ]  # fmt: skip
    test = data_sets(sheets, tmp_path, "test")
    assert [(s.name, len(s.data)) for s in test] == [
        ("BUSI test", 1), ("BUS-BRA test", 1), ("BUS-UCLM test", 1), ("breast_usg all", 3),
    ]  # fmt: skip
    assert [s.folder for s in test if s.gallery] == ["bus_uclm", "breast_usg"]  # may be shown


def test_a_bundle_is_measured_with_its_subgroups_and_all_its_variants(
    reference: Path, repository: Path, tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime", reason="one of the bundle's engines is ONNX Runtime's")
    pytest.importorskip("openvino", reason="one of the bundle's engines is OpenVINO's")
    from card import DataSet, accuracy, engines
    from recorded import held  # type: ignore[import-not-found]

    rows = []
    for n in range(24):
        pixels = np.random.default_rng(n).integers(140, 200, (120, 160), dtype=np.uint8)
        mask = np.zeros_like(pixels)
        if n % 3:
            cv2.circle(mask, (80, 60), 20, 255, -1)
        pixels[mask > 0] = 10 if n % 3 == 1 else 55
        for name, picture in ((f"{n}.png", pixels), (f"{n}m.png", mask)):
            cv2.imwrite(str(tmp_path / name), picture)
        label = ("normal", "malignant", "benign")[n % 3]
        rows.append({"image": f"{n}.png", "mask": f"{n}m.png", "label": label, "patient": n // 2})
    file = tmp_path / "frames.json"
    file.write_text(json.dumps({"frames": rows}))
    own = DataSet(folder="drawn", title="Drawn", file=file, split=None, data=held([file], None),
                  gallery=False)  # fmt: skip
    bundle = repository / "tests/data/tiny"
    lines = accuracy(bundle, [own])
    whole = cells(next(line for line in lines if line.startswith("| **Drawn all**")))
    assert whole[:3] == ["**Drawn all**: onnxruntime-fp32", "24", "12"]
    assert float(whole[3].split()[0]) > 0.7
    groups = [cells(line)[0] for line in lines[lines.index("### Subgroups") :] if "|" in line]
    assert "lesion 48 to 96 px" in groups
    assert "without marks" not in groups  # all of them are
    assert [cells(line)[1] for line in engines(bundle, [own])[2:]] == [
        "onnxruntime-fp32",
        "openvino-fp32",
    ]


def test_figures_replace_those_between_the_marks(reference: Path) -> None:
    from card import BEGIN, END, inserted

    card = f"# Card\n\n{BEGIN}\nold\n{END}\n\n## Limits\n"
    assert inserted(card, ["new", ""]) == f"# Card\n\n{BEGIN}\n\nnew\n\n{END}\n\n## Limits\n"
    assert inserted("", ["new"]).startswith(BEGIN)
