"""Measures of a region: shape, margin, first order, co-occurrence, runs, Laws, wavelets.

They are asked for, never part of `Analyser.analyse`: numpy and OpenCV alone.
"""

from sonoedge.measure.measures import NAMES, Measures, measure, names_of
from sonoedge.measure.settings import GROUPS, Group, MeasureSettings

__all__ = [
    "GROUPS",
    "NAMES",
    "Group",
    "MeasureSettings",
    "Measures",
    "measure",
    "names_of",
]
