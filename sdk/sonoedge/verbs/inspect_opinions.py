"""What sonoedge inspect shows of second opinions, certainty and clinical coefficients."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from sonoedge.bundle import Manifest
from sonoedge.bundle.heads import Head, is_embedded
from sonoedge.certainty import BREAKS, Certainty, Coverage


def opinion_lines(manifest: Manifest) -> Iterator[str]:
    """One block for each of them; nothing for a bundle without any."""
    for head in manifest.heads:
        yield from _head(head)
    if manifest.certainty is not None:
        yield from _certainty(manifest.certainty)
    for name, each in manifest.clinical.items():
        yield f"  clinical        {name}: {each.per_unit:g} per unit from {each.centre:g}"
        yield f'    source        as the recipe states, not checked: "{each.source}"'


def _head(head: Head) -> Iterator[str]:
    embedded = sum(map(is_embedded, head.measures))
    told = [f"{len(head.measures) - embedded} measures"] * ("features" in head.inputs)
    told += [f"{embedded} components of the embedding"] * ("embedding" in head.inputs)
    yield f"  second opinion  {head.name}: {head.kind}, {' and '.join(told)}"
    gain = "not measurable" if head.gain.mean is None else f"{head.gain.mean:+.3f}"
    if head.gain.ci95 is not None:
        gain += f" [{head.gain.ci95[0]:+.3f}, {head.gain.ci95[1]:+.3f}]"
    yield f"    AUROC         alone {head.auroc:.3f}; gain with the network {gain}"
    yield f"    fusion        {head.fusion_verdict}"
    yield f"    speaks on     {', '.join(head.variants)}"
    for name, why in head.left_out.items():
        yield f"    not on        {name}: {why}"


def _certainty(certainty: Certainty) -> Iterator[str]:
    on = certainty.calibrated_on
    yield (
        f"  certainty       alpha {certainty.alpha:g}: malignant from "
        f"{_threshold(certainty.malignant_from)}, benign up to "
        f"{_threshold(certainty.benign_up_to)}"
    )
    yield f"    calibrated    on {on.name}: {on.malignant} malignant, {on.benign} benign"
    for row in certainty.measured:
        yield f"    measured      on {row.name}: {_coverage(row)}"
    yield from textwrap.wrap(BREAKS, 80, initial_indent="    ", subsequent_indent="    ")


def _coverage(row: Coverage) -> str:
    shares = (("malignant", row.malignant_covered), ("benign", row.benign_covered))
    covered = ", ".join(f"{name} {'-' if s is None else format(s, '.3f')}" for name, s in shares)
    return f"{covered} covered; one answer {row.one_answer:.0%}"


def _threshold(value: float | None) -> str:
    return "none: too few frames" if value is None else f"{value:.3f}"
