"""A model card as CycloneDX's `modelCard` (ECMA-424): figures as text, never a blank."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any, Final

from sonoedge.bundle import CardData
from sonoedge.certainty import BREAKS
from sonoedge.runtime import TensorSpec
from sonoedge.sbom.component import UNKNOWN, property_list
from sonoedge_export.card.measurement import FIGURES, Measurement
from sonoedge_export.card.metric import metric
from sonoedge_export.card.model_card import FrameSet, ModelCard
from sonoedge_export.card.opinions import opinion_metrics

NOT_PROVIDED: Final = "not provided"
# Of the trained network these compare it with itself.
_WITH_ITSELF: Final = ("flag_agreement", "decided_agreement")


def cyclonedx_card(card: ModelCard) -> dict[str, Any]:
    """The value of `modelCard`, the same for CycloneDX 1.6 and 1.7.

    Metrics' values and bounds are text there. What nobody stated is "not provided", a licence
    that nobody stated `NOASSERTION`.
    """
    stated = card.stated
    return {
        "modelParameters": {
            "task": card.task,
            "modelArchitecture": stated.architecture or card.network or NOT_PROVIDED,
            "datasets": list(_data_sets(card)),
            "inputs": [{"format": _tensor(spec)} for spec in card.inputs],
            "outputs": [{"format": _tensor(spec)} for spec in card.outputs],
        },
        "quantitativeAnalysis": {"performanceMetrics": list(_metrics(card))},
        "considerations": {
            "users": [stated.users or NOT_PROVIDED],
            "useCases": [card.intended_use],
            "technicalLimitations": [*(stated.limitations or [NOT_PROVIDED]), *_breaks(card)],
        },
        "properties": property_list(_properties(card)),
    }


def _breaks(card: ModelCard) -> list[str]:
    """What breaks the promise of certainty, where one is made."""
    return [] if card.certainty is None else [f"Certainty. {BREAKS}"]


def _properties(card: ModelCard) -> dict[str, str | list[str]]:
    point = card.operating_point
    parameters = "not recorded" if card.parameters is None else str(card.parameters)
    return {
        "sonoedge:contraindications": list(card.stated.contraindications) or [NOT_PROVIDED],
        "sonoedge:hardware": card.stated.hardware or NOT_PROVIDED,
        "sonoedge:cost_of_a_miss": card.stated.cost_of_a_miss or NOT_PROVIDED,
        "sonoedge:cost_of_a_false_flag": card.stated.cost_of_a_false_flag or NOT_PROVIDED,
        "sonoedge:labels": list(card.labels),
        "sonoedge:positive": list(card.positive),
        "sonoedge:parameters": parameters,
        "sonoedge:weights_sha256": card.weights_sha256 or "not recorded",
        "sonoedge:intervals": [f"{key}: {text}" for key, text in sorted(card.intervals.items())]
        or "not recorded",
        "sonoedge:flag_threshold": json.dumps(point.threshold),
        "sonoedge:threshold_chosen_on": point.chosen_on,
    }


def _tensor(spec: TensorSpec) -> str:
    return f"{spec.name} {spec.dtype} {list(spec.shape)}"


def _data_sets(card: ModelCard) -> Iterator[dict[str, Any]]:
    """Frames that the export read, then those that the maker names beside them."""
    for use, sets in (("judged", card.judged_on), ("operating-point", card.operating_point_on)):
        for number, each in enumerate(sets):
            yield _recorded(f"data:{use}:{number}", use, each)
    joined = [each.stated for each in (*card.judged_on, *card.operating_point_on)]
    for number, row in enumerate(card.stated.data):
        if row not in joined:
            yield _data_set(f"data:stated:{number}", row.name, _stated(row))


def _recorded(ref: str, use: str, each: FrameSet) -> dict[str, Any]:
    """A set that the export read: what it recorded goes before what is stated of it."""
    stated = {} if each.stated is None else _stated(each.stated)
    recorded = {
        "sonoedge:used_for": "judging variants" if use == "judged" else "operating point",
        "sonoedge:split": "all" if each.split is None else each.split,
        "sonoedge:frames": "not recorded" if each.frames is None else str(each.frames),
        "sonoedge:sha256": each.sha256 or "not recorded",
    }
    of_the_set = {
        "sonoedge:licence": each.licence or UNKNOWN,
        "sonoedge:source": each.source or NOT_PROVIDED,
    }
    return _data_set(ref, each.name, stated | of_the_set | recorded)


def _stated(row: CardData) -> dict[str, str | list[str]]:
    """All that the maker states of a set, by the recipe's own keys."""
    counts = {"frames": row.frames, "patients": row.patients}
    texts = {
        "used_for": row.used_for,
        "licence": row.licence or UNKNOWN,
        "source": row.source,
        **{key: None if count is None else str(count) for key, count in counts.items()},
        "sha256": row.sha256,
        "dates": row.dates,
        "population": row.population,
        "labelled_by": row.labelled_by,
        "reference_standard": row.reference_standard,
    }
    stated: dict[str, str | list[str]] = {
        f"sonoedge:{key}": text or NOT_PROVIDED for key, text in texts.items()
    }
    return stated | {"sonoedge:devices": list(row.devices) or [NOT_PROVIDED]}


def _data_set(ref: str, name: str, properties: dict[str, Any]) -> dict[str, Any]:
    contents = {"properties": property_list(properties)}
    return {"bom-ref": ref, "type": "dataset", "name": name, "contents": contents}


def _metrics(card: ModelCard) -> Iterator[dict[str, Any]]:
    yield from _of("trained network", card.trained, left_out=_WITH_ITSELF)
    for measured in card.subgroups:
        yield from _of("trained network", measured, left_out=_WITH_ITSELF)
    for result in card.variants:
        yield from _of(result.variant.id, result.measurement)
    at = f"at threshold {json.dumps(card.operating_point.threshold)}"
    for measured in card.operating_point_by_set:
        for key, figure in measured.figures.items():
            name = f"{FIGURES[key]} {at}"
            yield metric(name, figure, f"operating point; {measured.name}", measured.frames)
    yield from opinion_metrics(card)


def _of(
    owner: str, measured: Measurement, left_out: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    for key, figure in measured.figures.items():
        if key not in left_out:
            yield metric(FIGURES[key], figure, f"{owner}; {measured.name}", measured.frames)
