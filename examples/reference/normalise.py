"""What one grey map per scanner does for the network: off and on, scanner by scanner.

    python normalise.py BUSI/frames.json BUSBRA/frames.json --external BREAST_USG/frames.json

A scanner's map gives its frames together the grey levels of all training frames; it is made
of frames that are not judged: of the train split's, or of the external set its calibration
split's. With --test the test splits are judged in place of validation, the external one too.
`--print NAME` prints one scanner's map as the recipe takes it.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import cv2

from recorded import Recorder, analyser
from sonoedge_export.data.grey_map import grey_map
from sonoedge_export.data.labelled import Entry, Labelled, read_labelled
from sonoedge_export.evaluation.accuracy import figures
from sonoedge_export.evaluation.outcomes import Outcome, evaluate
from sonoedge_export.gates.paired import Paired, PairedFigure
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.recipe.recipe import Recipe, read_recipe

RECIPE = Path(__file__).resolve().parent / "recipe.toml"
HEAD = (
    "| frames | n | Dice off | on | gain of Dice | AUROC off | on | gain of AUROC |\n"
    "|---|---|---|---|---|---|---|---|"
)


def scanners(
    files: list[Path], external: Path, judged: str
) -> dict[str, tuple[list[Entry], list[Entry]]]:
    """By name: frames that the map is made of, and frames that are judged."""
    found: dict[str, tuple[list[Entry], list[Entry]]] = {}
    for file in files:
        known, held = read_labelled(file, "train"), list(read_labelled(file, judged))
        for device in sorted({e.device or "" for e in held}):
            name = f"{file.parent.name} {device}".strip()
            found[name] = (
                [e for e in known if (e.device or "") == device],
                [e for e in held if (e.device or "") == device],
            )
    if judged == "test":
        found[external.parent.name] = (
            list(read_labelled(external, "calibration")),
            list(read_labelled(external, "test")),
        )
    return found


def outcomes(recipe: Recipe, entries: list[Entry], levels: tuple[int, ...] | None) -> list[Outcome]:
    """The network's, through the device's own code."""
    changed = dataclasses.replace(recipe, input=dataclasses.replace(recipe.input, grey_map=levels))
    judge = analyser(changed, Recorder(changed, load_network(changed)))
    return evaluate(judge, Labelled(name="", entries=tuple(entries)))


def row(recipe: Recipe, name: str, off: list[Outcome], on: list[Outcome]) -> str:
    """Figures of both, and their paired difference."""
    spec = recipe.postprocess
    how = {"positive": spec.positive, "threshold": spec.flag_threshold}
    cells = [name, str(len(off))]
    pair = Paired(on, off, **how)  # type: ignore[arg-type]
    for metric, lost in (("dice_mean", pair.dice_drop()), ("malignancy_auroc", pair.auroc_drop())):
        for each in (off, on):
            value = figures(each, off, intervals=False, **how)[metric]  # type: ignore[arg-type]
            cells.append("-" if value is None else f"{value:.3f}")
        cells.append(gain(lost))
    return f"| {' | '.join(cells)} |"


def gain(lost: PairedFigure | None) -> str:
    """What was lost, the other way round, with its interval."""
    if lost is None:
        return "-"
    tail = "" if lost.ci95 is None else f" [{-lost.ci95[1]:+.3f}, {-lost.ci95[0]:+.3f}]"
    return f"{-lost.value:+.3f}{tail}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("frames", type=Path, nargs="+", help="of sets that it was trained on")
    parser.add_argument("--external", type=Path, required=True, help="of a set that it was not")
    parser.add_argument("--test", action="store_true")
    parser.add_argument("--print", dest="printed", metavar="NAME")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    recipe = read_recipe(RECIPE)
    like = [e for f in args.frames for e in read_labelled(f, "train")]
    found = scanners(args.frames, args.external, "test" if args.test or args.printed else "val")
    if args.printed is not None and args.printed not in found:
        parser.error(f"--print takes one of: {', '.join(found)}")
    if args.printed is not None:
        print(f"grey_map = {list(grey_map(found[args.printed][0], like, recipe.input))}")
        return
    print(HEAD)
    for name, (known, held) in found.items():
        levels = grey_map(known, like, recipe.input)
        off, on = (outcomes(recipe, held, each) for each in (None, levels))
        print(row(recipe, name, off, on), flush=True)


if __name__ == "__main__":
    main()
