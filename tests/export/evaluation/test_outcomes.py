from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import sonoedge
from drift_samples import analysed_frames
from sonoedge import EngineOptions
from sonoedge.cli import main
from sonoedge.drift import Counts
from sonoedge.errors import InvalidData, VariantNotFound
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.evaluation.accuracy import figures, subgroups
from sonoedge_export.evaluation.outcomes import Outcome, components, counts_of, evaluate, iou
from sonoedge_export.progress import Stages
from sonoedge_export.verify import verify_bundle

TINY = Path(__file__).parents[2] / "data" / "tiny"

GOOD = Outcome(
    analysed=True, label="malignant", patient=None, device=None, flags=(), has_lesion=True,
    dice=0.9, lesions=1, lesions_found=1, false_regions=0, suspicion=0.8, flagged=True,
)  # fmt: skip


@pytest.mark.req("R2")
def test_frames_are_analysed_and_compared_with_their_masks(workplace: Path) -> None:
    data = read_labelled(workplace / "frames" / "frames.json")
    with sonoedge.open(TINY, EngineOptions(runtime="onnxruntime")) as analyser:
        outcomes = evaluate(analyser, data)
    assert [o.has_lesion for o in outcomes] == [True] * 7 + [False]
    assert [o.lesions_found for o in outcomes] == [1] * 7 + [0]
    assert min(o.dice for o in outcomes) > 0.7
    assert outcomes[7].dice == 1.0  # nothing there, nothing found
    assert all(o.flagged == (o.label == "malignant") for o in outcomes)


@pytest.mark.req("R34")
def test_a_frame_that_was_not_analysed_counts_against_the_device(workplace: Path) -> None:
    cv2.imwrite(str(workplace / "frames" / "f1.png"), np.zeros((120, 160), np.uint8))
    data = read_labelled(workplace / "frames" / "frames.json")
    with sonoedge.open(TINY, EngineOptions(runtime="onnxruntime")) as analyser:
        outcomes = evaluate(analyser, data)
    assert not outcomes[1].analysed
    assert (outcomes[1].dice, outcomes[1].suspicion, outcomes[1].flagged) == (0.0, 0.0, False)
    found = figures(outcomes, outcomes, positive=["malignant"])
    assert found["not_analysed"] == 1
    assert found["sensitivity"] == pytest.approx(2 / 3, abs=1e-6)


def test_a_frame_in_colour_is_judged_as_the_device_sees_it(workplace: Path) -> None:
    file = workplace / "frames" / "f1.png"
    colour = cv2.imread(str(file))
    colour[20:60, 20:80, 2] = 255
    cv2.imwrite(str(file), colour)
    data = read_labelled(workplace / "frames" / "frames.json")
    with sonoedge.open(TINY, EngineOptions(runtime="onnxruntime")) as analyser:
        outcomes = evaluate(analyser, data)
    assert [o.analysed for o in outcomes] == [n != 1 for n in range(8)]


def test_figures_are_those_of_a_count_by_hand() -> None:
    benign = replace(GOOD, label="benign", dice=0.5, suspicion=0.3, flagged=False, false_regions=2)
    missed = replace(GOOD, dice=0.0, lesions_found=0, suspicion=0.0, flagged=False)
    normal = replace(GOOD, label="normal", has_lesion=False, lesions=0, lesions_found=0, dice=1.0,
                     suspicion=0.0, flagged=False)  # fmt: skip
    outcomes = [GOOD, benign, missed, normal]
    found = figures(outcomes, [GOOD, GOOD, missed, normal], positive=["malignant"])
    assert found["frames"] == 4
    assert found["frames_with_lesion"] == 3
    assert (found["positive_frames"], found["negative_frames"]) == (2, 2)
    assert found["independent_samples"] == 4
    assert found["dice_mean"] == pytest.approx(1.4 / 3, abs=1e-6)
    assert found["malignancy_auroc"] == 0.5  # 0.8 above 0.3, 0.0 below it
    assert found["region_sensitivity"] == pytest.approx(2 / 3, abs=1e-6)
    assert found["false_regions_per_frame"] == 0.5
    assert found["sensitivity"] == 0.5
    assert found["specificity"] == 1.0
    assert found["flag_agreement"] == 0.75
    low, high = found["dice_ci95"]
    assert low <= found["dice_mean"] <= high


def test_figures_that_cannot_be_had_are_none() -> None:
    normal = replace(GOOD, label="normal", has_lesion=False, lesions=0, lesions_found=0)
    found = figures([normal], [normal], positive=["malignant"])
    for name in ("dice_mean", "dice_ci95", "malignancy_auroc", "region_sensitivity", "sensitivity"):
        assert found[name] is None
    json.dumps(found, allow_nan=False)


def test_subgroups_are_by_overlay_flag_by_scanner_and_by_label() -> None:
    benign = replace(GOOD, device="A", label="benign")
    outcomes = [GOOD, replace(GOOD, flags=("text",), device="A"), benign]
    assert subgroups(outcomes) == {
        "no overlay flags": [0, 2],
        "overlay flags": [1],
        "device A": [1, 2],
        "label malignant": [0, 1],
        "label benign": [2],
    }


def test_parts_of_a_mask_are_told_apart_and_specks_left_out() -> None:
    mask = np.zeros((50, 50), bool)
    mask[5:15, 5:15] = mask[30:40, 30:45] = mask[48, 48] = True
    assert sorted(int(p.sum()) for p in components(mask)) == [100, 150]


def test_overlap_is_intersection_over_union() -> None:
    a, b = np.zeros((10, 10), bool), np.zeros((10, 10), bool)
    a[:, :6] = True
    b[:, 4:] = True
    assert iou(a, b) == 0.2


def test_verify_reports_each_variant_and_its_agreement(workplace: Path) -> None:
    out = workplace / "verify.json"
    words = ["--data", str(workplace / "frames/frames.json"), "--json", str(out)]
    assert main(["verify", str(TINY), *words]) == 0
    report = json.loads(out.read_text())
    assert [v["id"] for v in report["variants"]] == ["onnxruntime-fp32", "openvino-fp32"]
    for variant in report["variants"]:
        assert variant["metrics"]["frames"] == 8
        assert variant["metrics"]["flag_agreement"] == 1.0
        assert variant["metrics"]["malignancy_auroc"] == 1.0
    assert main(["verify", str(TINY), *words, "--split", "test", "--variant", "openvino-fp32"]) == 0
    (only,) = json.loads(out.read_text())["variants"]
    assert (only["id"], only["metrics"]["frames"]) == ("openvino-fp32", 2)


def test_verify_refuses_what_is_not_there(workplace: Path) -> None:
    frames = workplace / "frames" / "frames.json"
    quiet = Stages(io.StringIO())
    with pytest.raises(VariantNotFound):
        verify_bundle(TINY, frames, None, "none", quiet)
    with pytest.raises(
        InvalidData, match=r"^frames/frames\.json has no .* 'val'; it has test, train"
    ):
        verify_bundle(TINY, frames, "val", None, quiet)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not valid JSON"),
        ('{"frames": [{"image": "f0.png"}]}', "frames\\[0\\].label is missing"),
        ('{"frames": [{"image": "no.png", "label": "benign"}]}', "names the picture no.png"),
        ('{"frames": []}', "no frames"),
    ],
)
def test_labels_that_cannot_be_read_are_refused(workplace: Path, text: str, says: str) -> None:
    file = workplace / "frames" / "frames.json"
    file.write_text(text)
    with pytest.raises(InvalidData, match=says):
        read_labelled(file)


def test_a_mask_of_another_size_is_refused(workplace: Path) -> None:
    cv2.imwrite(str(workplace / "frames" / "m0.png"), np.zeros((5, 5), np.uint8))
    entry = read_labelled(workplace / "frames" / "frames.json").entries[0]
    with pytest.raises(InvalidData, match=r"m0\.png has another size"):
        entry.truth()


@pytest.mark.req("R32")
def test_verify_says_what_its_frames_cannot_decide(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = workplace / "verify.json"
    frames = str(workplace / "frames/frames.json")
    assert main(["verify", str(TINY), "--data", frames, "--json", str(out)]) == 0
    reference, other = json.loads(out.read_text())["variants"]
    assert reference["gates"] == {}
    assert {g["answer"] for g in other["gates"].values()} == {"pass"}  # fp32: the same network
    for row in (reference, other):
        assert row["metrics"]["decided_agreement"] == 1.0
    assert "decided_agreement          100.0 %" in capsys.readouterr().out


def test_verify_compares_with_trainings_own_transform(
    workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (workplace / "trained_so.py").write_text(
        "import cv2\ndef half(pixels):\n    return cv2.resize(pixels, (96, 64)) / 510\n"
    )
    monkeypatch.chdir(workplace)
    words = ["--data", str(workplace / "frames/frames.json"), "--variant", "onnxruntime-fp32"]
    assert main(["verify", str(TINY), *words, "--train-transform", "trained_so:half"]) == 0
    said = capsys.readouterr().out
    assert "training's preprocessing on 8 frames" in said
    assert "lost by preprocessing" in said


def test_what_an_export_counts_is_what_a_device_counts_of_the_same_frames() -> None:
    device = Counts()
    outcomes = []
    for analysis in analysed_frames(40):
        device.add(analysis)
        seen = {"suspicion": analysis.suspicion or 0.0, "flagged": analysis.flagged}
        outcomes.append(replace(GOOD, grey=analysis.grey, **seen))
    outcomes.append(replace(outcomes[0], analysed=False, grey=None, reasons=("BLACK",)))
    device.add_not_analysed("BLACK")
    assert counts_of(outcomes).plain() == device.plain()
