"""An export, straight down: trace, verify each engine, gate, choose, write."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from sonoedge.bundle import (
    SCHEMA_VERSION,
    Golden,
    Manifest,
    OperatingPoint,
    Tolerance,
    Variant,
)
from sonoedge.bundle.digest import combined, digest_folder
from sonoedge.errors import GateFailed, InvalidData, MissingDependency, RuntimeUnavailable
from sonoedge.settings import plain
from sonoedge_export.gates import judge
from sonoedge_export.graph import Graph, build_graph
from sonoedge_export.labelled import Labelled, read_labelled
from sonoedge_export.latency import interleaved_p50
from sonoedge_export.recipe import VARIANTS, Recipe
from sonoedge_export.stages import Stages
from sonoedge_export.verification import Verified, verify_runtime
from sonoedge_export.write_bundle import answers, beside, png, versions, write

TOOLS = ("sonoedge", "torch", "onnx", "onnxscript", "onnxruntime", "openvino", "numpy")
TOLERANCES = {
    "fp32": Tolerance(map_levels=2, probs=1e-4),
    "bf16": Tolerance(map_levels=40, probs=0.05),
}


def export_bundle(
    recipe: Recipe,
    out: Path,
    stages: Stages,
    *,
    latencies: Mapping[str, float] | None = None,
) -> Manifest:
    """Build a bundle and put it at `out`, or leave nothing there.

    Args:
        latencies: medians measured earlier, by variant, in place of measuring now; with
            the same ones, the same inputs give the same bytes.

    Raises:
        GateFailed: no variant is left.
        InvalidRecipe, InvalidNetwork, InvalidData: the input cannot be used.
    """
    data = [read_labelled(recipe.path(f), recipe.data.split) for f in recipe.data.frames]
    whole = Labelled(
        name="+".join(d.name for d in data), entries=sum((d.entries for d in data), ())
    )
    for entry in whole:
        if entry.label not in (None, *recipe.postprocess.labels):
            raise InvalidData(
                f"{entry.image.name} is labelled {entry.label!r}; "
                f"postprocess.labels has {', '.join(recipe.postprocess.labels)}"
            )
    with stages.stage("trace the network"):
        graph = build_graph(recipe)
    with stages.stage(f"trained network on {len(whole)} frames") as progress:
        trained = verify_runtime(recipe, graph.trained, whole, None, progress)
    passed = _verify_variants(recipe, graph, whole, trained, stages)
    try:
        measured = latencies
        if measured is None:
            with stages.stage("time the variants"):
                measured = interleaved_p50({k: v.runtime for k, v in passed.items()}, whole, recipe)
        missing = sorted(set(passed) - set(measured))
        if missing:
            raise InvalidData(f"there is no earlier latency of {', '.join(missing)}")
        with stages.stage("write the bundle"), beside(out) as draft:
            return _write(recipe, graph, data, whole, trained, passed, measured, draft)
    finally:
        for verified in passed.values():
            verified.runtime.close()


def _verify_variants(
    recipe: Recipe, graph: Graph, whole: Labelled, trained: Verified, stages: Stages
) -> dict[str, Verified]:
    from sonoedge.runtime import runtime_class

    passed: dict[str, Verified] = {}
    said: list[str] = []
    for name in recipe.variants:
        runtime, precision = VARIANTS[name]
        try:
            engine = runtime_class(runtime)(graph.onnx, precision=precision, threads=None)
        except (MissingDependency, RuntimeUnavailable) as error:
            said.append(f"{name}: {error}")
            stages.say(f"  {name}: not built: {error}")
            continue
        with stages.stage(f"verify {name}") as progress:
            verified = verify_runtime(recipe, engine, whole, trained, progress)
        verdict = judge(recipe.gates, precision, verified, trained)
        for open_question in verdict.undecided:
            stages.say(f"  {name}: UNDECIDED: {open_question}")
        if verdict.refusals:
            engine.close()
            said.append(f"{name}: {'; '.join(verdict.refusals)}")
            stages.say(f"  {name}: REFUSED: {'; '.join(verdict.refusals)}")
        else:
            metrics = {**verified.metrics, "gates": verdict.figures()}
            passed[name] = replace(verified, metrics=metrics)
    if not passed:
        raise GateFailed("no variant is left, nothing was written: " + " | ".join(said))
    return passed


def _write(
    recipe: Recipe,
    graph: Graph,
    data: list[Labelled],
    whole: Labelled,
    trained: Verified,
    passed: Mapping[str, Verified],
    measured: Mapping[str, float],
    draft: Path,
) -> Manifest:
    model = "graphs/fp32.onnx"
    write(draft, model, graph.onnx)
    golden = _golden(recipe, whole)
    frames = tuple(f"golden/frame{n:03d}.png" for n in range(len(golden)))
    for path, index in zip(frames, golden, strict=True):
        write(draft, path, png(whole.entries[index].pixels()))
    variants = []
    for name, verified in passed.items():
        runtime, precision = VARIANTS[name]
        write(draft, f"golden/{name}.npz", answers([verified.tensors[i] for i in golden]))
        variants.append(
            Variant(
                id=name,
                runtime=runtime,
                precision=precision,
                model=model,
                golden=f"golden/{name}.npz",
                tolerance=TOLERANCES[precision],
                latency_ms_p50=measured[name],
                metrics=verified.metrics,
            )
        )
    report = {
        "gates": plain(recipe.gates),
        "trained": trained.metrics,
        "variants": {v.id: dict(v.metrics) for v in variants},
    }
    write(draft, "verification.json", _json(report))
    files = digest_folder(draft)
    first = trained.metrics
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        bundle_id=f"{recipe.name}-{recipe.version}-{combined(files)[:12]}",
        name=recipe.name,
        version=recipe.version,
        created=_created(recipe),
        intended_use=recipe.intended_use,
        task=recipe.task,
        preprocess=recipe.input,
        postprocess=recipe.postprocess,
        guard=recipe.guard,
        tracking=recipe.tracking,
        operating_point=OperatingPoint(
            threshold=recipe.postprocess.flag_threshold,
            chosen_on=recipe.threshold_chosen_on,
            measured_on=whole.name,
            sensitivity=first["sensitivity"],
            sensitivity_ci95=_pair(first["sensitivity_ci95"]),
            specificity=first["specificity"],
            specificity_ci95=_pair(first["specificity_ci95"]),
        ),
        inputs=graph.trained.inputs,
        outputs=graph.trained.outputs,
        variants=tuple(variants),
        reference_variant=variants[0].id,
        golden=Golden(frames=frames),
        lineage=_lineage(recipe, graph, data),
        files=files,
    )
    (draft / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def _golden(recipe: Recipe, whole: Labelled) -> list[int]:
    """Indices of the golden frames: spread over the data."""
    count = min(recipe.data.golden, len(whole))
    return [(2 * i + 1) * len(whole) // (2 * count) for i in range(count)]


def _lineage(recipe: Recipe, graph: Graph, data: list[Labelled]) -> dict[str, Any]:
    source = recipe.network.weights or recipe.network.onnx
    weights = None if source is None else recipe.path(source).read_bytes()
    return {
        "network": recipe.network.factory or "onnx",
        "parameters": graph.parameters,
        "weights_sha256": None if weights is None else hashlib.sha256(weights).hexdigest(),
        "data": [
            {"name": d.name, "split": recipe.data.split, "frames": len(d), "sha256": d.sha256()}
            for d in data
        ],
        "tools": dict(versions(TOOLS)),
    }


def _created(recipe: Recipe) -> str | None:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if recipe.created is None and epoch:
        return datetime.fromtimestamp(int(epoch), tz=timezone.utc).isoformat()
    return recipe.created


def _pair(value: Any) -> tuple[float, float] | None:
    return None if value is None else (value[0], value[1])


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()
