"""Choose the recipe's settings on the validation splits, and print them as TOML.

    python choose.py recipe.toml BUSI/frames.json BUSBRA/frames.json --others FOLDER

In this order, each with the ones before:

- the map's threshold and the smallest area: the best mean Dice, less 0.05 for each false
  region per frame;
- temperature and bias of the malignancy map: the least log loss of the regions' suspicion,
  which is the mean of the map over the region, so that it is fitted as it is read;
- the scope's threshold: the lowest, in steps of 0.005, that stops none of the
  breast frames;
- the flag's threshold: the highest, in steps of 0.005, that still flags 95 % of the
  malignant frames.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from scipy.optimize import minimize

from frames import PER_CLIP, read_clips
from recorded import Recorder, Replay, analyser, held
from sonoedge.analysis import Analysed
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.accuracy import figures
from sonoedge_export.evaluation.calibration_error import (
    GradedRegions,
    calibration_error,
    graded_regions,
    log_loss,
    perfect_error,
)
from sonoedge_export.evaluation.outcomes import Outcome, evaluate
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.recipe.outputs import Output
from sonoedge_export.recipe.recipe import Recipe, read_recipe

SENSITIVITY = 0.95
STOPPED = 0.0  # share of breast frames that the scope's threshold may stop


def outcomes(recipe: Recipe, recorder: Recorder, data: Labelled) -> list[Outcome]:
    """The recipe's outcomes on frames whose answers are recorded."""
    return evaluate(analyser(recipe, Replay(recorder, recipe.outputs)), data)


def calibrated(recipe: Recipe, temperature: float, bias: float) -> Recipe:
    """The recipe with another temperature and bias of its malignancy map."""
    old = recipe.outputs.malignancy_map
    assert isinstance(old, Output)
    new = replace(old, temperature=temperature, bias=bias)
    return replace(recipe, outputs=replace(recipe.outputs, malignancy_map=new))


def judged(recipe: Recipe, recorder: Recorder, data: Labelled) -> GradedRegions:
    """All regions of recorded frames, and whether each is malignant."""
    engine = Replay(recorder, recipe.outputs)
    return graded_regions(analyser(recipe, engine), data, recipe.postprocess.positive)


def choose_map(recipe: Recipe, recorder: Recorder, data: Labelled) -> PostprocessSpec:
    """The map's threshold and the smallest area."""
    rows = []
    for threshold in (0.4, 0.45, 0.5, 0.55, 0.6, 0.65):
        for area in (50, 100, 150, 250):
            spec = replace(recipe.postprocess, lesion_threshold=threshold, min_area_input_px=area)
            done = outcomes(replace(recipe, postprocess=spec), recorder, data)
            f = figures(done, done, positive=spec.positive, intervals=False)
            rows.append((f["dice_mean"] - 0.05 * f["false_regions_per_frame"], spec))
            print(
                f"map {threshold:.2f} area {area:>3}: Dice {f['dice_mean']:.4f} found "
                f"{f['region_sensitivity']:.4f} false {f['false_regions_per_frame']:.3f} "
                f"AUROC {f['malignancy_auroc']:.4f}",
                flush=True,
            )
    return max(rows, key=lambda row: row[0])[1]


def calibrate(recipe: Recipe, recorder: Recorder, data: Labelled) -> Recipe:
    """Temperature and bias of the malignancy map (Guo et al. 2017; Platt 1999)."""

    def cost(x: np.ndarray) -> float:
        regions = judged(calibrated(recipe, float(np.exp(x[0])), float(x[1])), recorder, data)
        return log_loss(regions.suspicion, regions.positive)

    simplex = np.array([[0.0, 0.0], [0.3, 0.0], [0.0, -0.4]])
    found = minimize(
        cost,
        simplex[0],
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "xatol": 0.02, "fatol": 1e-4, "maxfev": 32},
    )
    temperature, bias = round(float(np.exp(found.x[0])), 3), round(float(found.x[1]), 3)
    for name, each in (("before", (1.0, 0.0)), ("after", (temperature, bias))):
        regions = judged(calibrated(recipe, *each), recorder, data)
        s, t = regions.suspicion, regions.positive
        print(
            f"{name}: {len(s)} regions, log loss {log_loss(s, t):.4f}, calibration error "
            f"{calibration_error(s, t):.4f} (a perfect network: {perfect_error(s):.4f})"
        )
    return calibrated(recipe, temperature, bias)


def choose_scope(recipe: Recipe, recorder: Recorder, others: Path) -> PostprocessSpec:
    """The threshold from which a frame is out of scope."""
    spec, at = recipe.postprocess, recipe.postprocess.labels.index("out_of_scope")
    with torch.no_grad():
        own = np.array([float(torch.softmax(raw["frame"], 1)[0, at]) for raw in recorder.raw])
    allowed = np.sort(own)[::-1][int(STOPPED * len(own))]
    threshold = float(min(0.995, (np.floor(allowed * 200) + 1) / 200))
    spec = replace(spec, out_of_scope="out_of_scope", scope_threshold=threshold)
    clips = read_clips(others, "val", PER_CLIP)
    judge = analyser(recipe, Recorder(recipe, load_network(recipe)), spec)
    results = [judge.analyse(frame) for _, frame in clips]
    let = [r for r in results if isinstance(r, Analysed)]
    print(
        f"scope {threshold:.3f}: stops {(own >= threshold).sum()} of {len(own)} breast frames, "
        f"{len(results) - len(let)} of {len(results)} frames of clips"
    )
    return spec


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("frames", type=Path, nargs="+")
    parser.add_argument("--others", type=Path, help="folder with the clips of out_of_scope.json")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    recipe = calibrated(read_recipe(args.recipe), 1.0, 0.0)
    recipe = replace(recipe, postprocess=replace(recipe.postprocess, out_of_scope=None))
    data = held(args.frames, "val")
    recorder = Recorder(recipe, load_network(recipe))
    evaluate(analyser(recipe, recorder), data)

    recipe = replace(recipe, postprocess=choose_map(recipe, recorder, data))
    recipe = calibrate(recipe, recorder, data)
    if args.others is not None:
        recipe = replace(recipe, postprocess=choose_scope(recipe, recorder, args.others))
    positive = recipe.postprocess.positive
    scores = [o.suspicion for o in outcomes(recipe, recorder, data) if o.label in positive]
    flag = float(np.floor(np.quantile(scores, 1 - SENSITIVITY) * 200) / 200)
    spec = replace(recipe.postprocess, flag_threshold=flag)
    done = outcomes(replace(recipe, postprocess=spec), recorder, data)
    f = figures(done, done, positive=positive)
    print(f"sensitivity {f['sensitivity']} specificity {f['specificity']}")
    graded = recipe.outputs.malignancy_map
    assert graded is not None
    print(
        f"\n[outputs.malignancy_map]\ntemperature = {graded.temperature}\nbias = {graded.bias}\n\n"
        f"[postprocess]\nlesion_threshold = {spec.lesion_threshold}\n"
        f"min_area_input_px = {spec.min_area_input_px}\nflag_threshold = {spec.flag_threshold}\n"
        f"scope_threshold = {spec.scope_threshold}"
    )


if __name__ == "__main__":
    main()
