"""What a change came to: the figures of both bundles side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.bundle import Manifest, Variant

Interval = tuple[float, float]

# Figure of `metrics`: the key of its 95 % interval, where it has one.
FIGURES: Final[Mapping[str, str | None]] = {
    "dice_mean": "dice_ci95",
    "malignancy_auroc": "malignancy_auroc_ci95",
    "sensitivity": "sensitivity_ci95",
    "specificity": "specificity_ci95",
    "region_sensitivity": None,
    "false_regions_per_frame": None,
    "flag_agreement": None,
}
LATENCY: Final = "latency_ms_p50"


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChange:
    """One figure of one variant that both bundles have.

    Attributes:
        figure: its key in the variant's `metrics`, or `latency_ms_p50` (milliseconds).
        old, new: None where a bundle does not have it.
        old_ci95, new_ci95: 95 % interval of each by itself. Whether two intervals overlap
            says little of their difference: it takes both bundles' answers to the same frames.
    """

    variant: str
    figure: str
    old: float | None
    new: float | None
    old_ci95: Interval | None
    new_ci95: Interval | None

    @property
    def difference(self) -> float | None:
        """New minus old; None where one of them is not known."""
        return None if self.old is None or self.new is None else self.new - self.old


def figure_changes(old: Manifest, new: Manifest) -> tuple[FigureChange, ...]:
    """Each figure of each variant that both have, alike or not, in the new one's order."""
    earlier = {variant.id: variant for variant in old.variants}
    return tuple(
        change
        for variant in new.variants
        if variant.id in earlier
        for change in _of_variant(earlier[variant.id], variant)
    )


def on_same_frames(old: Manifest, new: Manifest) -> bool:
    """Whether both were judged on the same labelled frames, by the digests in their lineage."""
    before, after = _data(old), _data(new)
    return bool(before) and before == after


def gate_answers(manifest: Manifest) -> Mapping[str, int]:
    """How many gates of the bundle's variants answered what, such as "pass": 12."""
    answers: Counter[str] = Counter()
    for variant in manifest.variants:
        gates = variant.metrics.get("gates")
        for gate in gates.values() if isinstance(gates, Mapping) else ():
            if isinstance(gate, Mapping):
                answers[str(gate.get("answer"))] += 1
    return answers


def _of_variant(old: Variant, new: Variant) -> Iterator[FigureChange]:
    for figure, interval in FIGURES.items():
        yield FigureChange(
            variant=new.id,
            figure=figure,
            old=_number(old.metrics.get(figure)),
            new=_number(new.metrics.get(figure)),
            old_ci95=_interval(old.metrics, interval),
            new_ci95=_interval(new.metrics, interval),
        )
    yield FigureChange(
        variant=new.id,
        figure=LATENCY,
        old=old.latency_ms_p50,
        new=new.latency_ms_p50,
        old_ci95=None,
        new_ci95=None,
    )


def _number(value: object) -> float | None:
    """A metric; a manifest may hold anything there."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _interval(metrics: Mapping[str, Any], key: str | None) -> Interval | None:
    value = None if key is None else metrics.get(key)
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    low, high = _number(value[0]), _number(value[1])
    return None if low is None or high is None else (low, high)


def _data(manifest: Manifest) -> list[tuple[str, str]]:
    rows = manifest.lineage.get("data")
    if not isinstance(rows, list | tuple):
        return []
    return sorted((str(r.get("split")), str(r.get("sha256"))) for r in rows if isinstance(r, dict))
