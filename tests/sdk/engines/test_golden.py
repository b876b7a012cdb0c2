"""Settings that were changed after export, and engines that answer otherwise, do not open."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sonoedge
from sonoedge.bundle import GoldenAnswer, Tolerance, read_bundle
from sonoedge.bundle.identity import manifest_text
from sonoedge.engines.golden import ask_golden, check_golden, tolerance_of
from sonoedge.errors import GoldenMismatch
from sonoedge.processing.preprocess import Preprocess
from sonoedge.runtime import Tensors, TensorSpec

TINY = Path(__file__).parents[2] / "data" / "tiny"

CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a threshold that nothing reaches": (
        lambda d: (
            d["postprocess"].update(flag_threshold=0.985),
            d["operating_point"].update(threshold=0.985),
        ),
        "not flagged",
    ),
    "regions too small to count": (
        lambda d: d["postprocess"].update(min_area_input_px=6000), "give 0 regions, not 1"
    ),
    "a map that never reaches its threshold": (
        lambda d: d["postprocess"].update(lesion_threshold=0.999), "regions? "
    ),
    "every frame out of scope": (
        lambda d: d["postprocess"].update(out_of_scope="normal", scope_threshold=1e-9),
        "a frame out of scope",
    ),
    "another part of the picture": (
        lambda d: d["preprocess"].update(
            roi={"x0": 0, "y0": 0, "x1": 0.5, "y1": 0.5, "unit": "fraction"}
        ),
        "golden frame 0",
    ),
    "a region of interest outside of the picture": (
        lambda d: d["preprocess"].update(
            roi={"x0": 5000, "y0": 0, "x1": 5001, "y1": 1, "unit": "px"}
        ),
        "golden frame 0",
    ),
    "another grey map": (
        lambda d: d["preprocess"].update(grey_map=[min(255, 3 * n) for n in range(256)]),
        "is off by",
    ),
}  # fmt: skip


@pytest.mark.req("R27")
@pytest.mark.parametrize("change", CHANGES)
def test_a_setting_that_hides_what_was_flagged_at_export_does_not_open(
    tmp_path: Path, change: str
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    work, message = CHANGES[change]
    bundle = Path(shutil.copytree(TINY, tmp_path / "b"))
    data = json.loads((bundle / "manifest.json").read_text())
    work(data)
    (bundle / "manifest.json").write_text(manifest_text(data))
    with pytest.raises(GoldenMismatch, match=message):
        sonoedge.open(bundle)


class Stored:
    """A runtime that answers from a list."""

    def __init__(self, answers: list[Tensors]) -> None:
        self.inputs = read_bundle(TINY).manifest.inputs
        self.outputs: tuple[TensorSpec, ...] = ()
        self._answers = iter(answers)

    def infer(self, tensors: Tensors) -> Tensors:
        return next(self._answers)

    def close(self) -> None:
        pass


def checked(change: Callable[[dict[str, np.ndarray]], object], tolerance: Tolerance) -> None:
    """Check an engine whose answers are the golden ones, changed."""
    bundle = read_bundle(TINY)
    golden = bundle.golden_answers(bundle.manifest.variants[0])
    answers = [{k: v.copy() for k, v in answer.outputs.items()} for answer in golden]
    for answer in answers:
        change(answer)
    check_golden(
        Stored(answers),
        Preprocess(bundle.manifest.preprocess),
        bundle.manifest.postprocess,
        bundle.golden_frames(),
        golden,
        tolerance,
    )


def test_an_engine_that_answers_as_verified_passes() -> None:
    checked(lambda answer: None, Tolerance(map_levels=0, probs=0.0))


def test_a_flag_that_an_answer_within_the_tolerance_takes_away_is_refused() -> None:
    def faint(answer: dict[str, np.ndarray]) -> None:
        answer["malignancy_map"][:] = np.minimum(answer["malignancy_map"], 100)

    with pytest.raises(GoldenMismatch, match=r"golden frame 0: suspicion 0\.\d+, not flagged"):
        checked(faint, Tolerance(map_levels=255, probs=1.0))


def test_an_output_that_is_neither_map_nor_probability_has_no_tolerance() -> None:
    wide = Tolerance(map_levels=64, probs=0.1)
    assert tolerance_of("lesion_map", np.uint8, wide) == 64
    assert tolerance_of("class_probs", np.float32, wide) == 0.1
    assert tolerance_of("finite", np.uint8, wide) == tolerance_of("finite", np.bool_, wide) == 0


def test_what_an_engine_answered_is_kept_with_its_regions() -> None:
    bundle = read_bundle(TINY)
    golden = bundle.golden_answers(bundle.manifest.variants[0])
    again = ask_golden(
        Stored([answer.outputs for answer in golden]),
        Preprocess(bundle.manifest.preprocess),
        bundle.manifest.postprocess,
        bundle.golden_frames(),
    )
    assert [a.expected for a in again] == [a.expected for a in golden]
    assert all(isinstance(a, GoldenAnswer) for a in again)
