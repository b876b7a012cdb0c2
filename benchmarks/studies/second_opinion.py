"""What second opinions and certainty are worth on frames that nothing was chosen on.

    python -m studies.second_opinion BUNDLE RECIPE --data-root FOLDER [--variants ID ...]
        [--cache FOLDER] [--json FILE]

Heads and certainty are fitted as RECIPE says, on regions that the engines of BUNDLE find; RECIPE
needs [measure], and its [[certainty.measure]] names the frames that are reported on. BUNDLE is of
the same network, and needs no heads of its own. A table per head follows: AUROC alone beside the
network's (frames with a lesion, malignant against benign, a missed lesion last; intervals by
patient), the verdict on fusion, agreement of the variants, size and the time of a call. With
--cache, measured regions are kept, and a second run computes only what is new.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from sonoedge.bundle import Bundle, read_bundle
from sonoedge.engines.load import load
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import InvalidSettings, SonoedgeError
from sonoedge.settings import plain
from sonoedge_export.evaluation.metrics import auroc, auroc_interval, bootstrap
from sonoedge_export.heads.build import BuiltHead
from sonoedge_export.heads.certainty import calibrated, coverage
from sonoedge_export.heads.head import build_head
from sonoedge_export.heads.reading import FrameReader, concatenated
from sonoedge_export.heads.rows import Floats, Rows
from sonoedge_export.heads.verify import ask_head, load_head
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import Recipe, read_recipe
from studies.kept_regions import read_kept, write_kept

CALLS: Final = 2000


def main(argv: Sequence[str] | None = None) -> int:
    """Fit, and print the tables."""
    args = _parser().parse_args(argv)
    bundle = read_bundle(args.bundle)
    manifest = bundle.manifest
    recipe = replace(
        read_recipe(args.recipe, args.data_root),
        input=manifest.preprocess,
        postprocess=manifest.postprocess,
        guard=manifest.guard,
    )
    names = args.variants or [manifest.reference_variant]
    if manifest.reference_variant not in names:
        names = [manifest.reference_variant, *names]
    stages = Stages()
    readers = {name: _reader(bundle, recipe, name, stages, args.cache) for name in names}
    report = study(recipe, readers, manifest.reference_variant, bundle, stages, args.cache)
    print("\n".join(_lines(report)))
    if args.json is not None:
        args.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


def study(
    recipe: Recipe,
    readers: Mapping[str, FrameReader],
    reference: str,
    bundle: Bundle,
    stages: Stages,
    cache: Path | None,
) -> dict[str, Any]:
    """All figures.

    Raises:
        InvalidSettings: the recipe has no [certainty].
        SonoedgeError: as `sonoedge export`.
    """
    table = recipe.certainty
    if table is None:
        raise InvalidSettings("the recipe needs [certainty] with [[certainty.measure]]")
    reader = readers[reference]
    tests: dict[str, Rows] = {}
    for each in table.measure:
        for data, found in reader.measured(each):
            tests[data.name] = found.frames
            _keep(readers, cache)
    together = concatenated(list(tests.values()))
    certainty = calibrated(table, reader)
    _keep(readers, cache)
    heads = []
    for settings in recipe.head:
        graph = bundle.manifest.files["graphs/fp32.onnx"].sha256
        built = build_head(settings, readers, reference, graph, stages)
        _keep(readers, cache)
        heads.append(_judged(built, tests))
    return {
        "bundle_id": bundle.manifest.bundle_id,
        "recipe": recipe.name,
        "reference": reference,
        "tests": {
            name: {"frames": len(rows), "malignant": int(rows.malignant.sum())}
            | _auroc(rows, rows.scores(rows.suspicion[rows.found]))
            for name, rows in tests.items()
        },
        "heads": heads,
        "certainty": plain(certainty) | {"together": plain(coverage("all", together, certainty))},
    }


def _reader(
    bundle: Bundle, recipe: Recipe, name: str, stages: Stages, cache: Path | None
) -> FrameReader:
    if recipe.measure is None:
        raise InvalidSettings("the recipe needs [measure]")
    engine = load(bundle, bundle.variant(name), options=EngineOptions(threads=1)).engine
    return FrameReader(
        recipe=recipe,
        settings=recipe.measure,
        name=name,
        engine=engine,
        stages=stages,
        kept={} if cache is None else read_kept(cache / f"{name}.npz"),
    )


def _keep(readers: Mapping[str, FrameReader], cache: Path | None) -> None:
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        for name, reader in readers.items():
            write_kept(cache / f"{name}.npz", reader.kept)


def _judged(built: BuiltHead, tests: Mapping[str, Rows]) -> dict[str, Any]:
    entry = built.entry
    model = built.files[entry.model]
    engine = load_head(model)
    figures = {}
    for name, all_measures in tests.items():
        rows = all_measures.columns(entry.measures)
        scores = rows.scores(ask_head(engine, rows.measures[rows.found]))
        figures[name] = _auroc(rows, scores)
    row = np.zeros((1, len(entry.measures)), dtype=np.float32)
    times = []
    for _ in range(CALLS):
        began = time.perf_counter_ns()
        engine.infer({"features": row})
        times.append((time.perf_counter_ns() - began) / 1e3)
    engine.close()
    return {
        "name": entry.name,
        "kind": entry.kind,
        "settings": dict(entry.settings),
        "auroc_choose": entry.auroc,
        "auroc": figures,
        "gain": plain(entry.gain),
        "fused": entry.fused is not None,
        "variants": built.report["variants"],
        "left_out": dict(entry.left_out),
        "estimator_difference": built.report["estimator_difference"],
        "kilobytes": round(len(model) / 1000, 1),
        "call_us_p50": round(float(np.percentile(times, 50)), 1),
        "importance_by_group": json.loads(built.files[f"heads/{entry.name}.json"])[
            "importance_by_group"
        ],
    }


def _auroc(rows: Rows, scores: Floats) -> dict[str, Any]:
    own = auroc(scores, rows.malignant)
    network = rows.scores(rows.suspicion[rows.found])

    def less(at: Any) -> float | None:
        a, b = auroc(scores[at], rows.malignant[at]), auroc(network[at], rows.malignant[at])
        return None if a is None or b is None else a - b

    return {
        "auroc": own,
        "ci95": auroc_interval(scores, rows.malignant, rows.patients),
        "difference_ci95": bootstrap(less, len(rows), groups=rows.patients),
    }


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"{report['bundle_id']}, regions of {report['reference']}"
    yield "AUROC, malignant against benign, a missed lesion last:"
    yield f"  {'':<12}" + "".join(f"{name[:22]:>24}" for name in report["tests"])
    yield f"  {'network':<12}" + "".join(_figure(r) for r in report["tests"].values())
    for head in report["heads"]:
        yield f"  {head['name']:<12}" + "".join(_figure(r) for r in head["auroc"].values())
    for head in report["heads"]:
        gain, interval = head["gain"]["mean"], head["gain"]["ci95"]
        yield (
            f"{head['name']}: {head['kind']}, {head['settings']}; {head['kilobytes']} kB, "
            f"{head['call_us_p50']} us a call; graph against estimator "
            f"{head['estimator_difference']:.1e}"
        )
        yield (
            f"  out-of-fold gain with the network {gain:+.4f} [{interval[0]:+.4f}, "
            f"{interval[1]:+.4f}]: {'fused' if head['fused'] else 'not fused'}"
        )
        for name, each in head["variants"].items():
            verdict = head["left_out"].get(name, "may speak")
            yield (
                f"  {name}: probability moves by {each['p50']:.4f} (p50), {each['p99']:.4f} "
                f"(p99), {each['largest']:.3f} at most; {verdict}"
            )
        groups = ", ".join(
            f"{row['name']} {row['auroc_lost']:.3f}" for row in head["importance_by_group"]
        )
        yield f"  AUROC lost where a group is shuffled: {groups}"
    certainty = report["certainty"]
    on = certainty["calibrated_on"]
    yield (
        f"certainty, alpha {certainty['alpha']}: malignant from {certainty['malignant_from']}, "
        f"benign up to {certainty['benign_up_to']}; {on['patients']} patients, "
        f"{on['malignant']} malignant, {on['benign']} benign"
    )
    for row in (*certainty["measured"], certainty["together"]):
        yield (
            f"  {row['name']:<20} malignant covered {_share(row, 'malignant')}, benign "
            f"{_share(row, 'benign')}; one answer {row['one_answer']:.0%}, wrong of these "
            f"{'-' if row['wrong'] is None else format(row['wrong'], '.1%')}"
        )


def _figure(row: Mapping[str, Any]) -> str:
    low, high = row["ci95"]
    return f"{row['auroc']:>8.3f} [{low:.3f}, {high:.3f}]"


def _share(row: Mapping[str, Any], label: str) -> str:
    low, high = row[f"{label}_ci95"]
    return f"{row[f'{label}_covered']:.3f} [{low:.3f}, {high:.3f}] of {row[label]}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="What second opinions are worth.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--variants", nargs="+")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--json", type=Path)
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SonoedgeError as error:
        sys.exit(f"{type(error).__name__}: {error}")
