"""Write a bundle's files: graphs, golden answers, reports, and the manifest last."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.beside import load_beside
from sonoedge.bundle import (
    SCHEMA_VERSION,
    Golden,
    Manifest,
    Tolerance,
    Variant,
    read_bundle,
)
from sonoedge.bundle.digest import digest, digest_folder
from sonoedge.bundle.golden import write_regions
from sonoedge.bundle.golden_file import write_outputs
from sonoedge.engines.golden import ask_golden
from sonoedge.processing.preprocess import Preprocess
from sonoedge.sbom.document import SpecVersion
from sonoedge.sbom.of_bundle import FILE as SBOM
from sonoedge.trust.policy import TrustPolicy
from sonoedge_export.bundle.golden import choose_golden, encode_png
from sonoedge_export.bundle.lineage import lineage
from sonoedge_export.bundle.publish import write
from sonoedge_export.candidates.candidate import Candidate, flag_agreement
from sonoedge_export.card.verification import FILE as VERIFICATION
from sonoedge_export.card.verification import parse_verification
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.metrics import INTERVALS
from sonoedge_export.evaluation.operating_point import MeasuredPoint
from sonoedge_export.evaluation.outcomes import counts_of
from sonoedge_export.evaluation.results import Results, measure_subgroups
from sonoedge_export.graph.build import Graph
from sonoedge_export.heads.build import Opinions
from sonoedge_export.recipe.recipe import Recipe
from sonoedge_export.recipe.variants import VARIANTS
from sonoedge_export.sbom.bundle_sbom import bundle_sbom

TOLERANCES: Final = {
    "fp32": Tolerance(map_levels=2, probs=1e-4),
    "bf16": Tolerance(map_levels=40, probs=0.05),
    "int8": Tolerance(map_levels=24, probs=0.02),
    "fp16": Tolerance(map_levels=16, probs=0.02),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Content:
    """All that goes into a bundle.

    Attributes:
        graph: the unpruned network's.
        sets, frames: the frames judged on, per file and as one.
        trained: the trained network's results on them.
        operating_point: threshold, and what it gave on labelled frames.
        candidates: the variants, in the table's order.
        latency_ms: median of one engine call per variant; none for an engine that is built
            on the device.
        left_out: by variant, why it is not in the bundle.
        calibration: what calibration.json holds; None where nothing was quantized.
        opinions: heads and certainty; nothing where the recipe names none.
        cyclonedx: the version that sbom.cdx.json is written in.
    """

    recipe: Recipe
    graph: Graph
    sets: Sequence[Labelled]
    frames: Labelled
    trained: Results
    operating_point: MeasuredPoint
    candidates: Sequence[Candidate]
    latency_ms: Mapping[str, float]
    left_out: Mapping[str, str]
    calibration: Mapping[str, Any] | None
    opinions: Opinions = Opinions()
    cyclonedx: SpecVersion = "1.6"


def assemble(content: Content, draft: Path) -> Manifest:
    """Write every file into an empty folder.

    Returns:
        the manifest as a device reads it.

    Raises:
        InvalidData: no frame can be golden, or a text of the recipe fits no bill of materials.
        BundleError: a device would refuse the bundle.
    """
    recipe = content.recipe
    write(draft, "graphs/fp32.onnx", content.graph.onnx)
    golden = _golden_frames(content)
    frames = tuple(f"golden/frame{n:03d}.png" for n in range(len(golden)))
    for path, pixels in zip(frames, golden, strict=True):
        write(draft, path, encode_png(pixels))
    variants = [_variant(content, candidate, golden, draft) for candidate in content.candidates]
    if content.calibration is not None:
        write(draft, "calibration.json", _json(content.calibration))
    for head in content.opinions.heads:
        for path, data in head.files.items():
            write(draft, path, data)
    report: dict[str, Any] = {
        "trained": content.trained.metrics,
        "variants": {v.id: dict(v.metrics) for v in variants},
        "flag_agreement": flag_agreement(content.candidates),
        "operating_point": content.operating_point.per_set,
        "subgroups": measure_subgroups(content.trained, content.trained),
        "intervals": dict(INTERVALS),
        "statistics": {
            candidate.model.name: counts_of(candidate.results.outcomes).plain()
            for candidate in content.candidates
        },
    }
    if content.opinions.heads:
        report["heads"] = {head.entry.name: head.report for head in content.opinions.heads}
    write(draft, VERIFICATION, _json(report))
    files = digest_folder(draft)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        bundle_id="",  # `to_json` computes it
        name=recipe.name,
        security_version=recipe.security_version,
        version=recipe.version,
        created=_created(recipe),
        intended_use=recipe.intended_use,
        task=recipe.task,
        preprocess=recipe.input,
        postprocess=recipe.postprocess,
        guard=recipe.guard,
        tracking=recipe.tracking,
        gates=recipe.gates,
        operating_point=content.operating_point.point,
        inputs=content.graph.trained.inputs,
        outputs=content.graph.trained.outputs,
        variants=tuple(variants),
        reference_variant=reference_variant([v.id for v in variants]),
        golden=Golden(frames=frames),
        lineage=lineage(
            recipe,
            content.graph,
            sets=content.sets,
            operating_point_sets=content.operating_point.sets,
            candidates=content.candidates,
            left_out=content.left_out,
        ),
        files=files,
        measure=recipe.measure,
        card=recipe.card,
        heads=tuple(head.entry for head in content.opinions.heads),
        certainty=content.opinions.certainty,
        clinical=recipe.clinical,
    )
    # The manifest names this file too; it can tell of the manifest as it is without itself.
    verification = parse_verification(_json(report))
    sbom = bundle_sbom(manifest, verification, content.cyclonedx).encode()
    write(draft, SBOM, sbom)
    manifest = replace(manifest, files={**files, SBOM: digest(sbom)})
    write(draft, "manifest.json", manifest.to_json().encode())
    return _read_back(draft)


def _read_back(draft: Path) -> Manifest:
    """The manifest as a device reads it: what a device would refuse is never published."""
    bundle = read_bundle(draft, trust=TrustPolicy())
    bundle.check()
    bundle.golden_frames()
    for variant in bundle.manifest.variants:
        bundle.golden_answers(variant)
        beside = load_beside(bundle, variant.id)
        if beside is not None:
            beside.close()
    return bundle.manifest


def _variant(
    content: Content,
    candidate: Candidate,
    golden: Sequence[npt.NDArray[np.uint8]],
    draft: Path,
) -> Variant:
    model, recipe = candidate.model, content.recipe
    for path, data in model.files.items():
        if not (draft / path).exists():  # variants share the float graph
            write(draft, path, data)
    answers = ask_golden(candidate.engine, Preprocess(recipe.input), recipe.postprocess, golden)
    write(draft, f"golden/{model.name}.npz", write_outputs([a.outputs for a in answers]))
    write(draft, f"golden/{model.name}.json", write_regions([a.expected for a in answers]))
    return Variant(
        id=model.name,
        runtime=model.row.runtime,
        precision=model.row.precision,
        model=model.path,
        weights=model.weights_path,
        golden=f"golden/{model.name}.npz",
        golden_regions=f"golden/{model.name}.json",
        tolerance=TOLERANCES[model.row.precision],
        latency_ms_p50=content.latency_ms.get(candidate.name),
        metrics=candidate.results.metrics,
        needs_int8_products=model.needs_int8_products,
    )


def reference_variant(variants: Sequence[str]) -> str:
    """The one nearest to the trained network that runs on a CPU: unpruned and float at best."""
    rows = {name: VARIANTS[name] for name in variants}
    rank = {k: (r.on_device, r.pruned, r.precision != "fp32") for k, r in rows.items()}
    return min(rank, key=lambda name: rank[name])


def _golden_frames(content: Content) -> list[npt.NDArray[np.uint8]]:
    chosen = choose_golden(
        content.recipe.data.golden,
        content.trained.outcomes,
        [candidate.results.outcomes for candidate in content.candidates],
        content.recipe.postprocess.flag_threshold,
    )
    return [content.frames.entries[i].pixels() for i in chosen]


def _created(recipe: Recipe) -> str | None:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if recipe.created is None and epoch:
        return datetime.fromtimestamp(int(epoch), tz=timezone.utc).isoformat()
    return recipe.created


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()
