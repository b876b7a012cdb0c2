"""Has a document the shape that a comparison needs? A device has no JSON Schema validator.

The schema says all; this says the part of it that is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from sonoedge_bench.statistics import QUANTILES

Shape: TypeAlias = "type | tuple[type, ...] | dict[str, Shape]"

NUMBER: Final = (int, float)
UNKNOWN: Final = (int, float, type(None))
DOCUMENT: Final[dict[str, Shape]] = {
    "mode": str,
    "bundle": {"id": str},
    "machine": {"packages": dict},
    "shown": {"sha256": str},
    "runs": list,
}
RUN: Final[dict[str, Shape]] = {
    "variant": str,
    "threads": int,
    "isolation": str,
    "fps": UNKNOWN,
    "figures": dict,
    "samples": dict,
}
FIGURE: Final[dict[str, Shape]] = {"max": UNKNOWN, "needed": dict}


def damage(document: object) -> list[str]:
    """Names of the parts that are missing or no such thing; empty where all is well."""
    wrong = _wrong(document, DOCUMENT, "")
    if wrong or not isinstance(document, Mapping):
        return wrong
    for at, run in enumerate(document["runs"]):
        here = _wrong(run, RUN, f"run {at}'s ")
        wrong += here
        if not here:
            wrong += _samples(run["samples"], f"run {at}'s ")
            wrong += _figures(run["figures"], f"run {at}'s ")
    return wrong


def _wrong(value: object, parts: Mapping[str, Shape], whose: str) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"{whose}keys"]
    found = []
    for name, shape in parts.items():
        part = value.get(name)
        if isinstance(shape, dict) and isinstance(part, Mapping):
            found += _wrong(part, shape, f"{whose}{name}'s ")
        elif isinstance(shape, dict) or isinstance(part, bool) or not isinstance(part, shape):
            found.append(f"{whose}{name}")
    return found


def _samples(samples: Mapping[str, Any], whose: str) -> list[str]:
    """Columns of numbers, or of None, as long as `number` is."""
    length = len(samples["number"]) if isinstance(samples.get("number"), list) else -1
    return [
        f"{whose}samples of {name}"
        for name, column in samples.items()
        if not isinstance(column, list)
        or len(column) != length
        or not all(isinstance(v, UNKNOWN) and not isinstance(v, bool) for v in column)
    ]


def _figures(figures: Mapping[str, Any], whose: str) -> list[str]:
    found = []
    for name, figure in figures.items():
        wrong = _wrong(figure, FIGURE, f"{whose}{name}'s ")
        for quantile in QUANTILES if not wrong else ():
            known = figure.get(quantile)
            if known is not None:
                wrong += _wrong(known, {"value": NUMBER}, f"{whose}{name} {quantile}'s ")
        found += wrong
    return found
