"""Choose the recipe's thresholds on the validation split.

    python choose.py BUNDLE BUSI/frames.json BUSBRA/frames.json

The map's threshold and the smallest area are those with the best mean Dice, less
0.05 for each false region per frame; the flag's threshold is the highest, in steps
of 0.005, that still flags 95 % of the malignant frames.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import sonoedge
from sonoedge.analyser import Analyser
from sonoedge.bundle import read_bundle
from sonoedge.postprocess import PostprocessSpec
from sonoedge.runtime import Tensors, TensorSpec
from sonoedge_export.evaluate import Outcome, evaluate
from sonoedge_export.figures import figures
from sonoedge_export.labelled import Labelled, read_labelled
from sonoedge_export.verification import Recorder

SENSITIVITY = 0.95


class Replay:
    """A runtime that gives recorded answers in their order."""

    def __init__(self, recorded: Sequence[Tensors], inputs: tuple[TensorSpec, ...]) -> None:
        self.inputs = inputs
        self.outputs: tuple[TensorSpec, ...] = ()
        self._answers = iter(recorded)

    def infer(self, tensors: Tensors) -> Tensors:
        return next(self._answers)

    def close(self) -> None:
        pass


def main(bundle: Path, files: list[Path]) -> None:
    data = [read_labelled(f, "val") for f in files]
    whole = Labelled(name="val", entries=sum((d.entries for d in data), ()))
    with sonoedge.open(bundle, variant="onnxruntime-fp32") as opened:
        manifest = read_bundle(bundle).manifest
        recorder = Recorder(opened.engine)
        settings = {"preprocess": manifest.preprocess, "guard": manifest.guard}
        live = Analyser(
            recorder, postprocess=manifest.postprocess, origin=opened.origin, **settings
        )
        evaluate(live, whole)

        def outcomes(spec: PostprocessSpec) -> list[Outcome]:
            engine = Replay(recorder.answers, opened.engine.inputs)
            return evaluate(
                Analyser(engine, postprocess=spec, origin=opened.origin, **settings), whole
            )

        spec = manifest.postprocess
        rows = []
        for threshold in (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7):
            for area in (50, 100, 150, 250, 400):
                tried = dataclasses.replace(
                    spec, lesion_threshold=threshold, min_area_input_px=area
                )
                done = outcomes(tried)
                f = figures(done, done, positive=spec.positive, intervals=False)
                rows.append((tried, f))
                print(
                    f"map {threshold:.2f} area {area:>3}: Dice {f['dice_mean']:.4f} found "
                    f"{f['region_sensitivity']:.4f} false {f['false_regions_per_frame']:.3f} "
                    f"AUROC {f['malignancy_auroc']:.4f}"
                )
        best = max(rows, key=lambda r: r[1]["dice_mean"] - 0.05 * r[1]["false_regions_per_frame"])
        chosen = outcomes(best[0])
        scores = np.array([o.suspicion for o in chosen if o.label in spec.positive])
        threshold = float(np.floor(np.quantile(scores, 1 - SENSITIVITY) * 200) / 200)
        final = dataclasses.replace(best[0], flag_threshold=threshold)
        done = outcomes(final)
        f = figures(done, done, positive=spec.positive)
        print(f"chosen: {final}\nsensitivity {f['sensitivity']} specificity {f['specificity']}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(a) for a in sys.argv[2:]])
