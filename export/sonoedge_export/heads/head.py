"""Fit one head, check its graph, judge it, and lay its files out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from sonoedge.bundle.golden_file import write_outputs
from sonoedge.bundle.heads import INPUT, OUTPUT, HeadGain
from sonoedge.bundle.heads import Head as HeadEntry
from sonoedge_export.heads.build import BuiltHead
from sonoedge_export.heads.fit import Fitted, fit
from sonoedge_export.heads.fuse import Gain, fusion_of, gain_of
from sonoedge_export.heads.importance import importance
from sonoedge_export.heads.importance_plot import importance_plot
from sonoedge_export.heads.reading import FrameReader, check_apart
from sonoedge_export.heads.rows import Floats, Rows
from sonoedge_export.heads.stable import told
from sonoedge_export.heads.to_onnx import to_onnx
from sonoedge_export.heads.verify import agreement, ask_head, check_graph, load_head
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.head import Head

GOLDEN_ROWS: Final = 16


def build_head(
    head: Head, readers: Mapping[str, FrameReader], reference: str, network: str, stages: Stages
) -> BuiltHead:
    """A head for a bundle.

    Args:
        readers: by variant, what its engine finds in labelled frames.
        reference: the variant whose regions are fitted on.
        network: SHA-256 of the float graph.

    Raises:
        InvalidData: frames cannot be read, or are too few.
        GateFailed: its graph is not its estimator.
    """
    reader = readers[reference]
    rows, fitted_on = reader.regions(head.fit)
    chooser, chosen_on = reader.frames(head.choose)
    check_apart(head.name, rows, chooser)
    names = told(head.inputs, rows.names)
    rows, chooser = rows.columns(names), chooser.columns(names)
    seen = chooser.measures[chooser.found]
    with stages.stage(f"fit head {head.name} ({head.kind})"):
        fitted = fit(head.kind, head.settings, rows, chooser)
        model = to_onnx(fitted)
        difference = check_graph(head.name, fitted, model, seen)
    with stages.stage(f"judge head {head.name}"):
        p = fitted.probabilities(seen)
        gain = gain_of(chooser, p)
        fuse = head.fuse == "on" or (head.fuse == "auto" and gain.certain)
        by_measure, by_group = importance(fitted, chooser)
    checked, left_out, agreements = _variants(head, readers, reference, chooser, model)
    _say(stages, head, fitted, gain, fuse, left_out)
    golden, count = _golden(model, seen)
    path = f"heads/{head.name}.onnx"
    golden_path = f"golden/head-{head.name}.npz"
    entry = HeadEntry(
        name=head.name,
        kind=head.kind,
        inputs=head.inputs,
        measures=names,
        model=path,
        golden=golden_path,
        golden_rows=count,
        network_sha256=network,
        threshold=_threshold(p, chooser, reader.recipe.postprocess.flag_threshold),
        fitted_on=fitted_on,
        chosen_on=chosen_on,
        settings=fitted.settings,
        auroc=round(fitted.auroc, 6),
        gain=HeadGain(mean=gain.mean, ci95=gain.ci95),
        fused=fusion_of(chooser, p) if fuse else None,
        variants=checked,
        left_out=left_out,
    )
    table = {
        "importance": [_row(each.name, each.mean, each.sd) for each in by_measure],
        "importance_by_group": [_row(each.name, each.mean, each.sd) for each in by_group],
    }
    return BuiltHead(
        entry=entry,
        files={
            path: model,
            golden_path: golden,
            f"heads/{head.name}.json": (json.dumps(table, indent=1) + "\n").encode(),
            f"heads/{head.name}.png": importance_plot(head.name, by_measure, by_group),
        },
        report={
            "estimator_difference": difference,
            "auroc": round(fitted.auroc, 6),
            "gain": {"mean": gain.mean, "ci95": gain.ci95},
            "fused": fuse,
            "variants": agreements,
        },
    )


def _variants(
    head: Head, readers: Mapping[str, FrameReader], reference: str, chooser: Rows, model: bytes
) -> tuple[tuple[str, ...], dict[str, str], dict[str, Any]]:
    """Variants on whose regions the head answers as on the reference's, and why not the rest."""
    checked, left_out, figures = [], {}, {}
    engine = load_head(model)
    try:
        p = ask_head(engine, chooser.measures[chooser.found])
        for name, reader in readers.items():
            if name == reference:
                checked.append(name)
                continue
            rows = reader.frames(head.choose)[0].columns(chooser.names)
            found = agreement(chooser, p, rows, ask_head(engine, rows.measures[rows.found]))
            figures[name] = dict(found.figures())
            if found.why_not is None:
                checked.append(name)
            else:
                left_out[name] = found.why_not
    finally:
        engine.close()
    return tuple(checked), left_out, figures


def _threshold(p: Floats, chooser: Rows, flag_threshold: float) -> float:
    """From where the head flags as many of the frames as the network does."""
    flagged = int((chooser.suspicion[chooser.found] >= flag_threshold).sum())
    ordered = np.sort(p)[::-1]
    at = min(max(flagged, 1), len(ordered)) - 1
    return float(np.clip(ordered[at], 1e-6, 1 - 1e-6))


def _golden(model: bytes, measures: Any) -> tuple[bytes, int]:
    """Rows in even steps, with the graph's answers."""
    count = min(GOLDEN_ROWS, len(measures))
    chosen = measures[[(2 * i + 1) * len(measures) // (2 * count) for i in range(count)]]
    engine = load_head(model)
    try:
        rows = [
            {INPUT: row[None], OUTPUT: engine.infer({INPUT: row[None]})[OUTPUT]} for row in chosen
        ]
    finally:
        engine.close()
    return write_outputs(rows), count


def _say(
    stages: Stages, head: Head, fitted: Fitted, gain: Gain, fuse: bool, left_out: Mapping[str, str]
) -> None:
    interval = "" if gain.ci95 is None else f" [{gain.ci95[0]:+.3f}, {gain.ci95[1]:+.3f}]"
    gained = "not measurable" if gain.mean is None else f"{gain.mean:+.3f}{interval}"
    stages.say(
        f"  head {head.name}: AUROC {fitted.auroc:.3f} alone; gain with the network {gained}: "
        f"{'fused' if fuse else 'not fused'}"
    )
    for name, why in left_out.items():
        stages.say(f"  head {head.name} on {name}: LEFT OUT: {why}")


def _row(name: str, mean: float, sd: float) -> dict[str, Any]:
    return {"name": name, "auroc_lost": round(mean, 6), "sd": round(sd, 6)}
