"""The device's own bar: what every bundle must demand at least, whoever signed it.

A bundle brings its guard, its thresholds and its tracking. It may be stricter than the device
asks, and never laxer: a signature says who built a bundle, not that its guard is switched on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sonoedge.errors import BelowDeviceBar, InvalidSettings
from sonoedge.guard import GuardSettings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.tracking import TrackingSettings

Direction = Literal["at most", "at least", "within", "among"]

# Which way each setting stops more frames.
GUARD: Final[Mapping[str, Direction]] = {
    "frozen_after_ms": "at most",
    "saturated_level": "at most",
    "saturated_share": "at most",
    "constant_range": "at least",
    "max_side_px": "at most",
    "black_level": "at least",
    "bars_contrast": "at most",
    "colour_level": "at most",
    "colour_share": "at most",
    "air_structure": "at least",
    "aspect": "within",
    "depth_mm": "within",
    "pixel_aspect": "within",
    "spacing_required": "at least",
    "probes": "among",
    "presets": "among",
}
# Which way each setting raises the temporal flag sooner, and keeps it longer.
TRACKING: Final[Mapping[str, Direction]] = {
    "match_iou": "at most",
    "raise_threshold": "at most",
    "hold_off_frames": "at most",
    "lost_after_frames": "at least",
    "gap_ms": "at least",
}
VOTES: Final[Mapping[str, Direction]] = {
    "keep_threshold": "at most",
    "raise_frames": "at most",
    "window_frames": "at least",
    "keep_frames": "at most",
}
EVIDENCE: Final[Mapping[str, Direction]] = {
    "raise_log_odds": "at most",
    "keep_log_odds": "at most",
    "most_log_odds": "at least",
    "unseen_log_odds": "at most",
    "half_life_ms": "at least",
}
# Which way each setting hides fewer regions.
POSTPROCESS: Final[Mapping[str, Direction]] = {
    "flag_threshold": "at most",
    "lesion_threshold": "at most",
    "min_area_input_px": "at most",
}
KEEP_SHARE: Final = 0.8  # of the raising threshold, where none is given; see TrackingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceBar:
    """The laxest settings that a bundle may have; None demands nothing.

    Attributes:
        flag_threshold: highest suspicion from which a region is flagged.
        lesion_threshold: highest probability from which a map's cell belongs to a region.
        min_area_input_px: largest area below which regions are dropped.
        guard: each check at least as strict as in these settings; one that is None in them
            may be off.
        tracking: the temporal flag up at least as soon, and as long, as by these settings, and
            by the same rule: votes and evidence cannot be held to each other.

    Raises:
        InvalidSettings: a threshold is out of range.
    """

    flag_threshold: float | None = None
    lesion_threshold: float | None = None
    min_area_input_px: float | None = None
    guard: GuardSettings | None = None
    tracking: TrackingSettings | None = None

    def __post_init__(self) -> None:
        for name in ("flag_threshold", "lesion_threshold"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise InvalidSettings(f"{name} must be between 0 and 1, or None")
        if self.min_area_input_px is not None and not self.min_area_input_px >= 0:
            raise InvalidSettings("min_area_input_px must be 0 or more, or None")


def check_bundle(
    bar: DeviceBar | None,
    postprocess: PostprocessSpec,
    guard: GuardSettings,
    tracking: TrackingSettings,
) -> None:
    """Refuse a bundle that demands less than its device.

    Raises:
        BelowDeviceBar: the message names each setting, and what is demanded.
    """
    if bar is None:
        return
    below = [*_below("postprocess", bar, postprocess, POSTPROCESS)]
    below += _guard(bar, guard)
    below += _tracking(bar, tracking, postprocess.flag_threshold)
    if below:
        raise BelowDeviceBar(f"the bundle is laxer than this device allows: {'; '.join(below)}")


def check_overrides(
    bar: DeviceBar | None,
    guard: GuardSettings | None,
    tracking: TrackingSettings | bool,
    flag_threshold: float,
) -> None:
    """Refuse a caller's settings that demand less than the device.

    Args:
        tracking: False is for frames that are no stream, and lowers no bar.

    Raises:
        InvalidSettings: the message names each setting, and what is demanded.
    """
    if bar is None:
        return
    below = [] if guard is None else _guard(bar, guard)
    if isinstance(tracking, TrackingSettings):
        below += _tracking(bar, tracking, flag_threshold)
    if below:
        raise InvalidSettings(f"laxer than this device's trust.json allows: {'; '.join(below)}")


def _guard(bar: DeviceBar, guard: GuardSettings) -> list[str]:
    return [] if bar.guard is None else [*_below("guard", bar.guard, guard, GUARD)]


def _tracking(bar: DeviceBar, tracking: TrackingSettings, flag_threshold: float) -> list[str]:
    if bar.tracking is None:
        return []
    rule, wanted = tracking.evidence, bar.tracking.evidence
    if (rule is None) != (wanted is None):
        names = "votes", "evidence"
        return [f"tracking goes by {names[rule is not None]}, must be {names[wanted is not None]}"]
    raising = tracking.raise_threshold
    raising = flag_threshold if raising is None else raising
    keeping = tracking.keep_threshold
    resolved = {
        "raise_threshold": raising,
        "keep_threshold": KEEP_SHARE * raising if keeping is None else min(keeping, raising),
    }
    below = [*_below("tracking", bar.tracking, tracking, TRACKING, resolved)]
    if rule is None:
        return [*below, *_below("tracking", bar.tracking, tracking, VOTES, resolved)]
    return [*below, *_below("tracking.evidence", wanted, rule, EVIDENCE)]


def _below(
    where: str,
    bar: object,
    settings: object,
    directions: Mapping[str, Direction],
    resolved: Mapping[str, Any] | None = None,
) -> Iterator[str]:
    """A sentence for each setting that demands less than the bar."""
    for name, direction in directions.items():
        limit = getattr(bar, name)
        value = (resolved or {}).get(name, getattr(settings, name))
        if limit is not None and not _meets(value, limit, direction):
            yield f"{where}.{name} is {_shown(value)}, must be {direction} {_shown(limit)}"


def _meets(value: Any, limit: Any, direction: Direction) -> bool:
    if value is None:
        return False  # a check that is off
    if direction == "at most":
        return bool(value <= limit)
    if direction == "at least":
        return bool(value >= limit)
    if direction == "within":
        return bool(limit[0] <= value[0] and value[1] <= limit[1])
    return {v.casefold() for v in value} <= {v.casefold() for v in limit}


def _shown(value: Any) -> str:
    return "off" if value is None else f"{value!r:.80}"
