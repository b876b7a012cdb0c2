"""An analysis as words, in the order in which service_host.c prints a result."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sonoedge import Analysed, Analysis
from sonoedge.analysis import Region
from sonoedge.service.codes import RegionFlag


def words(analysis: Analysis, labels: tuple[str, ...]) -> list[str]:
    """All that a result says but its frame's number and its times.

    Args:
        labels: the order in which probabilities stand.
    """
    if not isinstance(analysis, Analysed):
        reasons = [reason.value for reason in analysis.reasons]
        return ["0", "0", "-1", "0", "nan", "0", *reasons, *analysis.detail.split()]
    temporal = -1 if analysis.temporal_flag is None else int(analysis.temporal_flag)
    suspicion = math.nan if analysis.suspicion is None else analysis.suspicion
    result = ["1", str(int(analysis.flagged)), str(temporal), str(int(analysis.localised))]
    result += [f"{suspicion:.17g}", *_probabilities(analysis.class_probs, labels)]
    for region in analysis.regions:
        result += _region(region, labels)
    return result


def _region(region: Region, labels: tuple[str, ...]) -> list[str]:
    flags = RegionFlag.FLAGGED if region.flagged else RegionFlag(0)
    flags |= RegionFlag.TRACK_FLAGGED if region.track_flagged else RegionFlag(0)
    sizes = (0.0, 0.0, 0.0)
    if region.area_mm2 is not None and region.box_mm is not None:
        flags |= RegionFlag.HAS_MM
        sizes = (region.area_mm2, *region.box_mm)
    track = -1 if region.track_id is None else region.track_id
    numbers = (region.area_px, *sizes, region.suspicion)
    return [
        "region",
        *(str(int(edge)) for edge in region.box_px),
        str(track),
        *(f"{number:.17g}" for number in numbers),
        str(int(flags)),
        *_probabilities(region.class_probs, labels),
        *(str(value) for value in region.contour_px.ravel().tolist()),
    ]


def _probabilities(probs: Mapping[str, float], labels: tuple[str, ...]) -> list[str]:
    if not probs:
        return ["0"]
    return [str(len(labels)), *(f"{probs.get(label, 0.0):.17g}" for label in labels)]
