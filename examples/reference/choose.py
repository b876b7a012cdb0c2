"""Choose the recipe's settings on the validation splits, and print them as TOML.

    python choose.py recipe.toml BUSI/frames.json BUSBRA/frames.json BUS_UCLM/frames.json \\
        --others FOLDER [--pruned full.toml] [--sensitivity 0.95] [--write]

In this order, each with the ones before:

- the map's threshold, then the smallest area: the best Dice, less 0.05 for each false region
  per frame, in the mean over the sets, so that a large one does not decide alone; of thresholds
  within 0.003 of the best, the one nearest to 0.5, where 8 bits move an outline least;
- temperature and bias of the malignancy map: the least log loss of the regions' suspicion,
  which is the mean of the map over the region, so that it is fitted as it is read;
- the scope's threshold: the lowest, in steps of 0.005, that stops at most one in 500 of the
  breast frames;
- the flag's threshold: the highest, in steps of 0.005, that still flags so many of the
  malignant frames of all sets together. What other shares would cost is printed beside it.

They are the recipe's, and so those of both networks that it ships; --pruned chooses them for the
pruned one, whose recipe it names, because that is what devices run. --write puts them into the
recipe's file.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from scipy.optimize import minimize
from torch import nn

from frames import PER_CLIP, read_clips
from operating import choose_flag, outcomes, per_set
from recorded import Recorder, Replay, analyser, held
from slimmer import pruned
from sonoedge.analysis import Analysed
from sonoedge.errors import InvalidRecipe, SonoedgeError
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge_export.data.evaluation_set import joined
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.accuracy import figures
from sonoedge_export.evaluation.calibration_error import (
    GradedRegions,
    calibration_error,
    graded_regions,
    log_loss,
    perfect_error,
)
from sonoedge_export.evaluation.outcomes import evaluate
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.recipe.outputs import Output
from sonoedge_export.recipe.recipe import Recipe, read_recipe
from stopping import refused

THRESHOLDS = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
AREAS = (50, 100, 150, 250, 400)
AREA = 150  # while the map's threshold is chosen, whatever the recipe has
FALSE = 0.05  # of Dice, that one false region per frame is worth
ALIKE = 0.003  # worths that are no nearer are told apart
STOPPED = 0.002  # share of breast frames that the scope's threshold may stop


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


def worth(recipe: Recipe, recorder: Recorder, sets: Sequence[Labelled]) -> float:
    """Dice less the price of false regions, in the mean over the sets; prints a row for each."""
    spec, values = recipe.postprocess, []
    done = outcomes(recipe, recorder, joined(sets))
    for data, own in zip(sets, per_set(done, sets), strict=True):
        f = figures(own, own, positive=spec.positive, intervals=False)
        normal = [o.false_regions for o in own if not o.has_lesion]
        quiet = f" (normal frames {np.mean(normal):.3f})" if normal else ""
        print(
            f"map {spec.lesion_threshold:.2f} area {spec.min_area_input_px:>3} {data.name}: "
            f"Dice {f['dice_mean']:.4f} found {f['region_sensitivity']:.4f} false "
            f"{f['false_regions_per_frame']:.3f}{quiet} AUROC {f['malignancy_auroc']:.4f}",
            flush=True,
        )
        values.append(f["dice_mean"] - FALSE * f["false_regions_per_frame"])
    return float(np.mean(values))


def choose_map(recipe: Recipe, recorder: Recorder, sets: Sequence[Labelled]) -> PostprocessSpec:
    """The map's threshold, and then the smallest area."""

    def worths(specs: Sequence[PostprocessSpec]) -> list[float]:
        return [worth(replace(recipe, postprocess=s), recorder, sets) for s in specs]

    begun = replace(recipe.postprocess, min_area_input_px=AREA)
    threshold = nearest_half(
        THRESHOLDS, worths([replace(begun, lesion_threshold=t) for t in THRESHOLDS])
    )
    spec = replace(begun, lesion_threshold=threshold)
    areas = worths([replace(spec, min_area_input_px=a) for a in AREAS])
    return replace(spec, min_area_input_px=AREAS[int(np.argmax(areas))])


def nearest_half(thresholds: Sequence[float], worths: Sequence[float]) -> float:
    """Of the thresholds that are as good as the best one, that where 8 bits move an outline least.

    It is the one nearest to 0.5, where the map is steepest.
    """
    good = [t for t, w in zip(thresholds, worths, strict=True) if w >= max(worths) - ALIKE]
    return min(good, key=lambda t: abs(t - 0.5))


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


def choose_scope(
    recipe: Recipe, recorder: Recorder, trained: nn.Module, others: Path
) -> PostprocessSpec:
    """The threshold from which a frame is out of scope."""
    spec, at = recipe.postprocess, recipe.postprocess.labels.index("out_of_scope")
    with torch.no_grad():
        own = np.array([float(torch.softmax(raw["frame"], 1)[0, at]) for raw in recorder.raw])
    allowed = np.sort(own)[::-1][int(STOPPED * len(own))]
    threshold = float(min(0.995, (np.floor(allowed * 200) + 1) / 200))
    spec = replace(spec, out_of_scope="out_of_scope", scope_threshold=threshold)
    clips = read_clips(others, "val", PER_CLIP)
    judge = analyser(recipe, Recorder(recipe, trained), spec)
    results = [judge.analyse(frame) for _, frame in clips]
    let = [r for r in results if isinstance(r, Analysed)]
    print(
        f"scope {threshold:.3f}: stops {(own >= threshold).sum()} of {len(own)} breast frames, "
        f"{len(results) - len(let)} of {len(results)} frames of clips"
    )
    return spec


def settings(recipe: Recipe) -> dict[str, dict[str, float]]:
    """What was chosen, by the recipe's tables and keys."""
    graded, spec = recipe.outputs.malignancy_map, recipe.postprocess
    assert isinstance(graded, Output)
    return {
        "outputs.malignancy_map": {"temperature": graded.temperature, "bias": graded.bias},
        "postprocess": {
            "lesion_threshold": spec.lesion_threshold,
            "min_area_input_px": spec.min_area_input_px,
            "flag_threshold": spec.flag_threshold,
            "scope_threshold": spec.scope_threshold,
        },
    }


def written(text: str, chosen: dict[str, dict[str, float]]) -> str:
    """The recipe's text with other values of keys that it has.

    Raises:
        InvalidRecipe: a key is not there once.
    """
    for key, value in (pair for table in chosen.values() for pair in table.items()):
        text, count = re.subn(rf"^{key} = .*$", f"{key} = {value:g}", text, flags=re.MULTILINE)
        if count != 1:
            raise InvalidRecipe(
                f"the recipe has {key} {count} times; --write replaces what is there"
            )
    return text


def choose(args: argparse.Namespace) -> Recipe:
    """All of them, in their order."""
    recipe = calibrated(read_recipe(args.recipe), 1.0, 0.0)
    recipe = replace(recipe, postprocess=replace(recipe.postprocess, out_of_scope=None))
    sets = [held([file], "val", name=file.resolve().parent.name) for file in args.frames]
    trained = load_network(recipe)
    if args.pruned is not None:
        trained = pruned(trained, args.pruned)
    data, recorder = joined(sets), Recorder(recipe, trained)
    evaluate(analyser(recipe, recorder), data)

    recipe = replace(recipe, postprocess=choose_map(recipe, recorder, sets))
    recipe = calibrate(recipe, recorder, data)
    if args.others is not None:
        recipe = replace(recipe, postprocess=choose_scope(recipe, recorder, trained, args.others))
    recipe = replace(recipe, postprocess=choose_flag(recipe, recorder, sets, args.sensitivity))
    done = outcomes(recipe, recorder, data)
    f = figures(done, done, positive=recipe.postprocess.positive)
    print(f"sensitivity {f['sensitivity']} specificity {f['specificity']}")
    return recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("frames", type=Path, nargs="+")
    parser.add_argument("--others", type=Path, help="folder with the clips of out_of_scope.json")
    parser.add_argument("--pruned", type=Path, help="recipe whose pruned network they are for")
    parser.add_argument("--sensitivity", type=float, default=0.95, help="to malignant frames")
    parser.add_argument("--write", action="store_true", help="put them into the recipe's file")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        chosen = settings(choose(args))
        for table, values in chosen.items():
            print(f"\n[{table}]")
            print("\n".join(f"{key} = {value:g}" for key, value in values.items()))
        if args.write:
            args.recipe.write_text(written(args.recipe.read_text(), chosen))
    except SonoedgeError as error:
        refused(error)


if __name__ == "__main__":
    main()
