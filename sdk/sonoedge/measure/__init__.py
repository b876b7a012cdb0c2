"""Measures of a region: shape, margin, first order, co-occurrence, runs, Laws, wavelets.

They are asked for, never part of `Analyser.analyse`: numpy and OpenCV alone. A bundle's manifest
needs their settings; the measures themselves are imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from sonoedge.measure.settings import GROUPS, Group, MeasureSettings

if TYPE_CHECKING:
    from sonoedge.measure.measures import NAMES, Measures, measure, names_of

__all__ = [
    "GROUPS",
    "NAMES",
    "Group",
    "MeasureSettings",
    "Measures",
    "measure",
    "names_of",
]


def __getattr__(name: str) -> object:
    """Import a public name from the measures."""
    if name not in __all__:
        raise AttributeError(f"module 'sonoedge.measure' has no attribute {name!r}")
    value: object = getattr(importlib.import_module("sonoedge.measure.measures"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
