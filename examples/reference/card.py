"""Write the figures into MODEL_CARD.md, between its two marks, and its pictures.

    python card.py BUNDLE BUSI/frames.json BUSBRA/frames.json BREAST_USG/frames.json \\
        --others FOLDER

Accuracy is measured on the bundle, through the device's own code; calibration before and
after, scope, explanation and the worst frames on recipe.toml, which the bundle is made of, and
on the pruned weights beside it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
from torch import nn

from gallery import gallery
from recorded import Recorder, analyser, held
from reliability import reliability
from sanity import table
from scope_rates import HEAD as SCOPE_HEAD
from scope_rates import scope_rates
from sonoedge_export.card.measurement import figure, measurement
from sonoedge_export.card.tables import HEAD, accuracy_row, cell
from sonoedge_export.data.labelled import Labelled, read_labelled
from sonoedge_export.evaluation.outcomes import evaluate
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.progress import Stages
from sonoedge_export.prune.slim import load_slim
from sonoedge_export.recipe.recipe import Recipe, read_recipe
from sonoedge_export.verify import verify_bundle

HERE = Path(__file__).resolve().parent
CARD, PICTURES = HERE / "MODEL_CARD.md", HERE / "training"
RECIPE, PRUNING = HERE / "recipe.toml", HERE / "full.toml"
BEGIN, END = "<!-- figures: begin (made by card.py) -->", "<!-- figures: end -->"
SPLITS = ("test", "test", None)


def row(name: str, metrics: dict[str, Any]) -> str:
    return accuracy_row(measurement(name, metrics))


def accuracy(bundle: Path, files: list[Path]) -> tuple[str, list[str], list[str]]:
    """The bundle's id, the rows of the reference variant, and those of all variants."""
    lines, engines, name = [HEAD], [], ""
    engines.append("| frames | variant | Dice | AUROC | flags agree | own | own, decided |")
    engines.append("|---|---|---|---|---|---|---|")
    for file, split in zip(files, SPLITS, strict=True):
        report = verify_bundle(bundle, file, split, None, Stages())
        name = report["bundle_id"]
        title = report["data"] + (f" {split}" if split else ", all")
        first = report["variants"][0]
        lines.append(row(f"**{title}**", first["metrics"]))
        lines += [row(f"{title}: {part}", m) for part, m in first["subgroups"].items()]
        slim = [v for v in report["variants"] if v["id"] == "pruned-onnxruntime-fp32"]
        lines += [row(f"{title}: the pruned network", v["metrics"]) for v in slim]
        for v in report["variants"]:
            m = v["metrics"]
            figures = " | ".join(cell(figure(m, k)) for k in ("dice_mean", "malignancy_auroc"))
            cells = [title, v["id"], figures, f"{m['flag_agreement']:.1%}", *own(v["gates"])]
            engines.append(f"| {' | '.join(cells)} |")
    return name, lines, engines


def own(gates: dict[str, Any]) -> list[str]:
    """Agreement with the variant's own network in float: the reference, or the pruned one."""
    names = ("flag_agreement", "decided_agreement")
    return [f"{gates[n]['measured']:.1%}" if n in gates else "" for n in names]


def both(recipe: Recipe) -> dict[str, nn.Module]:
    """The recipe's network, and its pruned one."""
    settings = read_recipe(PRUNING).prune
    assert settings is not None
    assert settings.weights is not None
    whole = load_network(recipe)
    slim = load_slim(whole, recipe.path(settings.weights), settings)
    return {"unpruned": whole, "pruned": slim}


def normals(recipe: Recipe, networks: dict[str, nn.Module], data: Labelled) -> str:
    """False regions and flags of each network on the frames without a lesion, as a sentence."""
    entries = tuple(e for e in data if e.label == "normal")
    said = []
    for name, network in networks.items():
        judge = analyser(recipe, Recorder(recipe, network))
        done = evaluate(judge, Labelled(name="normal", entries=entries))
        regions, flagged = sum(o.false_regions for o in done), sum(o.flagged for o in done)
        each = f"{regions / len(done):.2f} per frame"
        said.append(f"{name} {regions} false regions ({each}), flagged {flagged}")
    return f"Frames of busi test without a lesion: {len(entries)}; {'; '.join(said)}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("frames", type=Path, nargs=3)
    parser.add_argument("--others", type=Path, required=True)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    recipe = read_recipe(RECIPE)
    networks = both(recipe)
    bundle_id, lines, engines = accuracy(args.bundle, args.frames)
    usg = read_labelled(args.frames[2])
    sets = {
        "validation": held(args.frames[:2], "val"),
        "busi test": held(args.frames[:1], "test"),
        "busbra test": held(args.frames[1:2], "test"),
        "breast_usg": held(args.frames[2:], None),
    }
    body = [f"Bundle `{bundle_id}`, variant onnxruntime-fp32:", "", *lines, ""]
    body += [normals(recipe, networks, sets["busi test"]), "", "All variants:", "", *engines, ""]
    calibration = reliability(recipe, networks, sets, PICTURES / "reliability.png")
    body += ["### Calibration", "", *calibration, ""]
    body += ["![share of malignant regions against suspicion](training/reliability.png)", ""]
    body += ["### Frames that are no breast", ""]
    for name, network in networks.items():
        rates = scope_rates(recipe, network, args.others)
        body += [f"The {name} network:", "", SCOPE_HEAD, *rates, ""]
    body += ["### Explanation", "", *table(recipe, usg), ""]
    body += ["### The ten worst of the 48 frames", "", "![](training/gallery.png)", ""]
    body += [f"- {said}" for said in gallery(recipe, usg, PICTURES / "gallery.png")]
    text = CARD.read_text()
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    figures = "\n".join(body)
    CARD.write_text(f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}")
    print(figures)


if __name__ == "__main__":
    main()
