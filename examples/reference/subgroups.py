"""The card's subgroups: by scanner, marks, BI-RADS, and a lesion's size and depth."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from sonoedge_export.data.labelled import Entry, Labelled
from sonoedge_export.evaluation.outcomes import components

SIDE: Final = 256  # pixels of the network's input, the longest side of the frame
SIZES_PX: Final = (24, 48, 96)
SIZES_MM: Final = (10, 20)
DEPTHS_MM: Final = (10, 20)
THIRDS: Final = ("upper", "middle", "lower")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """The largest lesion of a frame.

    Attributes:
        diameter_px: of the circle of its area, in pixels of a frame whose longest side is SIDE.
        diameter_mm, depth_mm: in millimetres, or None where the frame has no spacing.
        depth: of its centre, as a share of the frame's height.
        depth_mm: of its centre below the frame's upper edge.
    """

    diameter_px: float
    diameter_mm: float | None
    depth: float
    depth_mm: float | None


def lesion(entry: Entry) -> Lesion | None:
    """The largest lesion of a frame; None of a frame without one."""
    truth = entry.truth()
    parts = components(truth)
    if not parts:
        return None
    largest = max(parts, key=lambda part: int(part.sum()))
    area, centre = float(largest.sum()), float(np.nonzero(largest)[0].mean() + 0.5)
    diameter = 2 * np.sqrt(area / np.pi)
    spacing = entry.spacing_mm
    return Lesion(
        diameter_px=float(diameter * SIDE / max(truth.shape)),
        diameter_mm=None if spacing is None else float(diameter * np.sqrt(np.prod(spacing))),
        depth=centre / truth.shape[0],
        depth_mm=None if spacing is None else centre * spacing[0],
    )


def subgroups(data: Labelled, file: Path) -> dict[str, list[int]]:
    """Indices of the frames of each subgroup, by its name.

    Args:
        file: the frames.json that they are of, for BI-RADS.
    """
    birads = _birads(file)
    lesions = [lesion(entry) for entry in data]
    names: list[Callable[[int], str | None]] = [
        lambda i: f"scanner {data.entries[i].device}" if data.entries[i].device else None,
        lambda i: "with marks" if data.entries[i].flags else "without marks",
        lambda i: _named("BI-RADS", birads.get(data.entries[i].image.name)),
        lambda i: _step("lesion", _of(lesions[i], "diameter_px"), SIZES_PX, "px"),
        lambda i: _step("lesion", _of(lesions[i], "diameter_mm"), SIZES_MM, "mm"),
        lambda i: _third(lesions[i]),
        lambda i: _step("depth", _of(lesions[i], "depth_mm"), DEPTHS_MM, "mm"),
    ]
    found: dict[str, list[int]] = {}
    for name in names:
        own: dict[str, list[int]] = {}
        for i in range(len(data)):
            group = name(i)
            if group is not None:
                own.setdefault(group, []).append(i)
        found |= {group: own[group] for group in sorted(own, key=_order)}
    return found


def _birads(file: Path) -> Mapping[str, str]:
    rows = json.loads(file.read_text())["frames"]
    return {Path(r["image"]).name: str(r["birads"]) for r in rows if r.get("birads")}


def _named(what: str, value: str | None) -> str | None:
    return None if value is None else f"{what} {value}"


def _of(found: Lesion | None, name: str) -> float | None:
    value: float | None = None if found is None else getattr(found, name)
    return value


def _step(what: str, value: float | None, steps: tuple[int, ...], unit: str) -> str | None:
    if value is None:
        return None
    below = [s for s in steps if value < s]
    if len(below) == len(steps):
        return f"{what} below {steps[0]} {unit}"
    lower = steps[len(steps) - len(below) - 1]
    return f"{what} {lower} to {below[0]} {unit}" if below else f"{what} {lower} {unit} and more"


def _third(found: Lesion | None) -> str | None:
    if found is None:
        return None
    return f"lesion in the {THIRDS[min(2, int(found.depth * 3))]} third"


def _order(name: str) -> tuple[int, float, str]:
    """As they grow; thirds from above."""
    if "below" in name:
        return (0, 0, name)
    for number, third in enumerate(THIRDS):
        if third in name:
            return (1, number, name)
    digits = [w for w in name.split() if w.isdigit()]
    sized = name.startswith(("lesion", "depth"))
    return (1, float(digits[0]), name) if digits and sized else (1, 0, name)
