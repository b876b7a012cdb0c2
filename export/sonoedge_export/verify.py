"""Measure every variant of a bundle on labelled frames, as the device would run it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sonoedge
from sonoedge.bundle import read_bundle
from sonoedge.errors import MissingDependency, RuntimeUnavailable
from sonoedge_export.evaluate import Outcome, evaluate
from sonoedge_export.figures import figures, subgroups
from sonoedge_export.labelled import read_labelled
from sonoedge_export.stages import Stages


def verify_bundle(
    folder: Path, frames: Path, split: str | None, variant: str | None, stages: Stages
) -> dict[str, Any]:
    """The figures of each variant, of its subgroups, and its agreement with the reference.

    Raises:
        BundleError, InvalidData: the bundle or the frames cannot be used.
        MissingDependency, RuntimeUnavailable: the variant asked for, or the reference,
            cannot run here; other variants that cannot are left out and named.
    """
    bundle = read_bundle(folder)
    manifest = bundle.manifest
    data = read_labelled(frames, split)
    wanted = [v for v in manifest.variants if variant in (None, v.id, manifest.reference_variant)]
    if variant is not None:
        bundle.variant(variant)
    wanted.sort(key=lambda v: v.id != manifest.reference_variant)
    reference: list[Outcome] | None = None
    rows = []
    for each in wanted:
        try:
            analyser = sonoedge.open(folder, variant=each.id, tracking=False)
        except (MissingDependency, RuntimeUnavailable) as error:
            if each.id in (variant, manifest.reference_variant):
                raise
            stages.say(f"  {each.id}: left out: {error}")
            continue
        with stages.stage(f"verify {each.id}") as progress, analyser:
            outcomes = evaluate(analyser, data, progress)
        reference = outcomes if reference is None else reference
        positive = manifest.postprocess.positive
        parts = {
            name: figures(
                [outcomes[i] for i in index], [reference[i] for i in index], positive=positive
            )
            for name, index in subgroups(outcomes).items()
            if len(index) < len(outcomes)
        }
        if variant in (None, each.id):
            row = {"id": each.id, "runtime": each.runtime, "precision": each.precision}
            metrics = figures(outcomes, reference, positive=positive)
            rows.append(row | {"metrics": metrics, "subgroups": parts})
    return {
        "bundle_id": manifest.bundle_id,
        "data": data.name,
        "data_sha256": data.sha256(),
        "split": split,
        "frames": len(data),
        "reference_variant": manifest.reference_variant,
        "variants": rows,
    }
