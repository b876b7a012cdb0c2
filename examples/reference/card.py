"""Write the figures into MODEL_CARD.md, between its two marks, and its pictures.

    python card.py BUNDLE --data DATA
    python card.py BUNDLE --data DATA --split val --card build/card.md --pictures build

DATA holds the sets that datasheets.json names, and the clips of out_of_scope.json. Accuracy is
measured on the bundle, through the device's own code; calibration, scope and explanation on
recipe.toml, which the bundle is made of, and on the pruned weights that full.toml names. Of an
external set all frames are read, and only with the test splits; with --split val it is left alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
from torch import nn

import sonoedge
from accuracy_table import HEAD, row, subgroup_rows
from datasheet import datasheet
from gallery import gallery
from recorded import held
from reliability import reliability
from sanity import table
from scope_rates import HEAD as SCOPE_HEAD
from scope_rates import scope_rates
from slimmer import pruned
from sonoedge import EngineOptions
from sonoedge.bundle import read_bundle
from sonoedge_export.card.measurement import figure
from sonoedge_export.card.tables import cell
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.outcomes import Outcome, evaluate
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import Recipe, read_recipe
from sonoedge_export.verify import verify_bundle
from subgroups import subgroups

HERE = Path(__file__).resolve().parent
CARD, PICTURES, SHEETS = HERE / "MODEL_CARD.md", HERE / "training", HERE / "datasheets.json"
RECIPE, PRUNING = HERE / "recipe.toml", HERE / "full.toml"
BEGIN, END = "<!-- figures: begin (made by card.py) -->", "<!-- figures: end -->"
PRUNED = "pruned-onnxruntime-fp32"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """One set of the card.

    Attributes:
        folder: its name in the data folder.
        split: of the frames that are judged; None for all.
        data: these frames, kept in memory.
        gallery: its pictures may be shown.
    """

    folder: str
    title: str
    file: Path
    split: str | None
    data: Labelled
    gallery: bool

    @property
    def name(self) -> str:
        return f"{self.title} {self.split or 'all'}"


def data_sets(sheets: Mapping[str, Any], root: Path, split: str) -> list[DataSet]:
    """The sets that are judged, in the file's order; external ones with the test splits alone."""
    sets = []
    for folder, sheet in sheets.items():
        external = sheet.get("external", False)
        if external and split != "test":
            continue
        file, own = root / folder / "frames.json", None if external else split
        sets.append(
            DataSet(
                folder=folder,
                title=sheet["title"],
                file=file,
                split=own,
                data=held([file], own, name=folder),
                gallery=sheet.get("gallery", False),
            )
        )
    return sets


def answers(bundle: Path, variant: str, data: Labelled) -> list[Outcome]:
    """A variant's outcomes, as a device would have them frame by frame."""
    with sonoedge.open(bundle, EngineOptions(variant=variant), tracking=False) as analyser:
        return evaluate(analyser, data)


def accuracy(bundle: Path, sets: Sequence[DataSet]) -> list[str]:
    """The tables of the reference variant and the pruned one, and the subgroups of the latter."""
    manifest = read_bundle(bundle).manifest
    positive, known = manifest.postprocess.positive, [v.id for v in manifest.variants]
    shown = [v for v in (manifest.reference_variant, PRUNED) if v in known]
    lines, groups = [f"Bundle `{manifest.bundle_id}`:", "", HEAD], []
    for each in sets:
        for variant in shown:
            outcomes = answers(bundle, variant, each.data)
            lines.append(row(f"**{each.name}**: {variant}", outcomes, positive))
            if variant == shown[-1]:
                groups += ["", f"**{each.name}**, {variant}:", "", HEAD]
                groups += subgroup_rows(outcomes, subgroups(each.data, each.file), positive)
    return [*lines, "", "### Subgroups", *groups, ""]


def engines(bundle: Path, sets: Sequence[DataSet]) -> list[str]:
    """The rows of all variants on all sets."""
    lines = ["| frames | variant | Dice | AUROC | flags agree | own | own, decided |"]
    lines.append("|---|---|---|---|---|---|---|")
    for each in sets:
        for v in verify_bundle(bundle, each.file, each.split, None, Stages())["variants"]:
            m = v["metrics"]
            figures = " | ".join(cell(figure(m, k)) for k in ("dice_mean", "malignancy_auroc"))
            cells = [each.name, v["id"], figures, f"{m['flag_agreement']:.1%}", *own(v["gates"])]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def own(gates: dict[str, Any]) -> list[str]:
    """Agreement with the variant's own network in float: the reference, or the pruned one."""
    names = ("flag_agreement", "decided_agreement")
    return [f"{gates[n]['measured']:.1%}" if n in gates else "" for n in names]


def both(recipe: Recipe) -> dict[str, nn.Module]:
    """The recipe's network, and its pruned one."""
    whole = load_network(recipe)
    return {"unpruned": whole, "pruned": pruned(whole, PRUNING)}


def galleries(recipe: Recipe, sets: Sequence[DataSet], pictures: Path) -> list[str]:
    """The worst frames of the sets that may be shown."""
    lines = []
    for each in (s for s in sets if s.gallery):
        file = pictures / f"gallery-{each.folder}.png"
        said = gallery(recipe, each.data, file)
        lines += [f"### The worst frames of {each.name}", "", f"![](training/{file.name})", ""]
        lines += [*(f"- {line}" for line in said), ""]
    return lines


def body(args: argparse.Namespace, recipe: Recipe, sheets: Mapping[str, Any]) -> list[str]:
    """All that stands between the two marks."""
    networks, sets = both(recipe), data_sets(sheets, args.data, args.split)
    choosing = [args.data / f / "frames.json" for f, s in sheets.items() if not s.get("external")]
    lines = [*accuracy(args.bundle, sets), "### All variants", "", *engines(args.bundle, sets), ""]
    judged = {"validation": held(choosing, "val")} | {s.name: s.data for s in sets}
    picture = args.pictures / "reliability.png"
    lines += ["### Calibration", "", *reliability(recipe, networks, judged, picture), ""]
    lines += ["![share of malignant regions against suspicion](training/reliability.png)", ""]
    lines += ["### Frames that are no breast", ""]
    for name, network in networks.items():
        rates = scope_rates(recipe, network, args.data, args.split)
        lines += [f"The {name} network:", "", SCOPE_HEAD, *rates, ""]
    lines += ["### Explanation", "", f"On {sets[-1].name}:", "", *table(recipe, sets[-1].data), ""]
    lines += [*galleries(recipe, sets, args.pictures), "### Data sets", ""]
    for folder, sheet in sheets.items():
        file = args.data / folder / "frames.json"
        lines += [*datasheet(sheet["title"], file, sheet["told"]), ""]
    return lines


def inserted(card: str, lines: Sequence[str]) -> str:
    """The card with these lines between its marks; a text without marks gets them."""
    before, _, rest = card.partition(BEGIN)
    text = "\n".join(lines).strip()
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder with the sets")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--card", type=Path, default=CARD)
    parser.add_argument("--pictures", type=Path, default=PICTURES)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    args.pictures.mkdir(parents=True, exist_ok=True)
    sheets = json.loads(SHEETS.read_text())
    lines = body(args, read_recipe(RECIPE), sheets)
    text = args.card.read_text() if args.card.exists() else ""
    args.card.write_text(inserted(text, lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
