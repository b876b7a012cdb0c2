"""The model card of a bundle as one value: what was stated, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.bundle import Bundle, Card, CardData, Gates, Manifest, OperatingPoint, Variant
from sonoedge.bundle.card import Use
from sonoedge.bundle.heads import Head
from sonoedge.bundle.manifest import Task
from sonoedge.certainty import Certainty
from sonoedge.runtime import TensorSpec
from sonoedge_export.card.measurement import Measurement, measurement
from sonoedge_export.card.verification import Verification, read_verification

# Uses under which a maker may name the frames that variants are judged on.
JUDGING: Final[tuple[Use, ...]] = ("test", "validation")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSet:
    """Frames that an export read, as it recorded them, and what the maker states of them.

    Attributes:
        name, split, frames, sha256: recorded; None where the manifest does not tell.
        stated: the entry of the card's `data` of the same name and for the same use; None without
            one.
        licence, source: as stated of the set, for whichever use; None where nobody did.
    """

    name: str
    split: str | None
    frames: int | None
    sha256: str | None
    stated: CardData | None
    licence: str | None = None
    source: str | None = None

    @property
    def title(self) -> str:
        """Name and split."""
        return self.name if self.split is None else f"{self.name} {self.split}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantResult:
    """What was measured of one variant, on all frames that judge.

    Attributes:
        gates: answer, limit, figure and reason by gate; empty for what nothing is compared with.
    """

    variant: Variant
    measurement: Measurement
    gates: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """All that a model card tells, whatever form it is written in.

    Every value comes from the manifest or from verification.json. What is None or empty was not
    provided, and is to be shown as that.

    Attributes:
        bundle_id, name, version, created, intended_use, task: the manifest's.
        network: what built the network, or "onnx".
        parameters, weights_sha256: the network's; None where not recorded.
        inputs, outputs: its tensors.
        labels, positive: classes, and those that are flagged.
        stated: the maker's own words, which nothing checked; an empty card where there is none.
        judged_on: frames that the variants were judged on.
        operating_point_on: frames that the operating point was measured on.
        operating_point: threshold, sensitivity, specificity.
        operating_point_by_set: the same by set of frames.
        trained: the trained network's figures on all frames that judge.
        subgroups: the same by group of frames; empty where the bundle tells none.
        intervals: how all intervals were made, by what it tells; empty where not recorded.
        variants: each variant's.
        gates: limits that the variants were judged by.
        left_out: by variant, why it is not in the bundle.
        heads: second opinions.
        certainty: what a suspicion excludes; None where nothing was calibrated.
    """

    bundle_id: str
    name: str
    version: str
    created: str | None
    intended_use: str
    task: Task
    network: str | None
    parameters: int | None
    weights_sha256: str | None
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    labels: tuple[str, ...]
    positive: tuple[str, ...]
    stated: Card
    judged_on: tuple[FrameSet, ...]
    operating_point_on: tuple[FrameSet, ...]
    operating_point: OperatingPoint
    operating_point_by_set: tuple[Measurement, ...]
    trained: Measurement
    subgroups: tuple[Measurement, ...]
    intervals: Mapping[str, str]
    variants: tuple[VariantResult, ...]
    gates: Gates
    left_out: Mapping[str, str]
    heads: tuple[Head, ...] = ()
    certainty: Certainty | None = None


def read_model_card(bundle: Bundle) -> ModelCard:
    """The card of a bundle, verification.json's digest checked.

    Raises:
        BundleError: as `read_verification`.
    """
    return model_card(bundle.manifest, read_verification(bundle))


def model_card(manifest: Manifest, verification: Verification) -> ModelCard:
    """The card of what these two say."""
    lineage = manifest.lineage
    stated = Card() if manifest.card is None else manifest.card
    judged_on = _frame_sets(lineage.get("data"), stated, JUDGING)
    name = " + ".join(each.title for each in judged_on) or "labelled frames"
    return ModelCard(
        bundle_id=manifest.bundle_id,
        name=manifest.name,
        version=manifest.version,
        created=manifest.created,
        intended_use=manifest.intended_use,
        task=manifest.task,
        network=_text(lineage.get("network")),
        parameters=_count(lineage.get("parameters")),
        weights_sha256=_text(lineage.get("weights_sha256")),
        inputs=manifest.inputs,
        outputs=manifest.outputs,
        labels=manifest.postprocess.labels,
        positive=manifest.postprocess.positive,
        stated=stated,
        judged_on=judged_on,
        operating_point_on=_frame_sets(
            lineage.get("operating_point"), stated, ("operating point", *JUDGING)
        ),
        operating_point=manifest.operating_point,
        operating_point_by_set=tuple(
            measurement(str(row.get("name")), row) for row in verification.operating_point
        ),
        trained=measurement(name, verification.trained),
        subgroups=tuple(
            measurement(f"{name}: {group}", metrics)
            for group, metrics in sorted(verification.subgroups.items())
        ),
        intervals=_texts(verification.intervals),
        variants=tuple(
            _variant(variant, verification.variants.get(variant.id, {}), name)
            for variant in manifest.variants
        ),
        gates=manifest.gates,
        left_out=_texts(lineage.get("left_out")),
        heads=manifest.heads,
        certainty=manifest.certainty,
    )


def _variant(variant: Variant, metrics: Mapping[str, Any], name: str) -> VariantResult:
    gates = metrics.get("gates")
    return VariantResult(
        variant=variant,
        measurement=measurement(name, metrics),
        gates=gates if isinstance(gates, Mapping) else {},
    )


def _frame_sets(rows: object, stated: Card, uses: Sequence[Use]) -> tuple[FrameSet, ...]:
    """Lineage is free in form: what is not as an export writes it is left out."""
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        return ()
    return tuple(
        _frame_set(row, [each for each in stated.data if each.name == row["name"]], uses)
        for row in rows
        if isinstance(row, Mapping) and isinstance(row.get("name"), str)
    )


def _frame_set(row: Mapping[str, Any], stated: Sequence[CardData], uses: Sequence[Use]) -> FrameSet:
    """One set, and what is stated of the set of its name."""
    return FrameSet(
        name=row["name"],
        split=_text(row.get("split")),
        frames=_count(row.get("frames")),
        sha256=_text(row.get("sha256")),
        stated=next((each for use in uses for each in stated if each.used_for == use), None),
        licence=next((each.licence for each in stated if each.licence), None),
        source=next((each.source for each in stated if each.source), None),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _texts(value: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, Mapping) else {}
