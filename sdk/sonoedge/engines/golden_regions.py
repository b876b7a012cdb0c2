"""Do two answers to a golden frame raise the same flags, for the same regions?"""

from __future__ import annotations

from typing import Final

from sonoedge.bundle.golden import GoldenRegion, GoldenRegions

# A frame is decided when its suspicion, as verified, is so far from the threshold, or more.
DECIDED: Final = 0.05
# The same outputs and settings give the same regions but for rounding, which processors differ in.
ROUNDING: Final = 1e-4
ROUNDING_PX: Final = 1
# Of the smaller box, from which two boxes are of the same region: it may split, or merge.
LEAST_SHARE: Final = 0.5


def settings_difference(golden: GoldenRegions, actual: GoldenRegions, threshold: float) -> str:
    """How the regions that a bundle keeps differ from those that its settings give now.

    Args:
        golden: what the golden outputs gave at export.
        actual: what the same outputs give with the settings of the manifest.
        threshold: suspicion from which a region is flagged.

    Returns:
        one sentence's end; empty where they are the same.
    """
    if len(golden.regions) != len(actual.regions):
        return f"{len(actual.regions)} regions, not {len(golden.regions)}"
    unmatched = list(actual.regions)
    for region in golden.regions:
        same = next((candidate for candidate in unmatched if _is_same(region, candidate)), None)
        if same is None:
            return f"no region at {region.box_px} of suspicion {region.suspicion:.3f}"
        if same.flagged != region.flagged and abs(region.suspicion - threshold) > ROUNDING:
            return f"the region at {region.box_px} {'' if same.flagged else 'not '}flagged"
        unmatched.remove(same)
    return ""


def flag_difference(golden: GoldenRegions, actual: GoldenRegions, threshold: float) -> str:
    """How an engine's flags differ from those at export, where rounding cannot be why.

    A decided frame must be flagged as it was, and for the same regions.

    Args:
        golden: what was verified at export.
        actual: what the engine gives here.
        threshold: suspicion from which a region is flagged.

    Returns:
        one sentence's end; empty where the flags agree.
    """
    if abs(golden.suspicion - threshold) < DECIDED:
        return ""
    if actual.flagged != golden.flagged:
        return (
            f"suspicion {actual.suspicion:.3f}, {'' if actual.flagged else 'not '}flagged; at "
            f"export {golden.suspicion:.3f}"
        )
    for region in golden.regions:
        certain = region.suspicion - threshold >= DECIDED
        if certain and not any(r.flagged and _overlap(region, r) for r in actual.regions):
            return f"no flagged region at {region.box_px}, as there was at export"
    return ""


def _is_same(a: GoldenRegion, b: GoldenRegion) -> bool:
    return (
        all(abs(p - q) <= ROUNDING_PX for p, q in zip(a.box_px, b.box_px, strict=True))
        and abs(a.suspicion - b.suspicion) <= ROUNDING
        and abs(a.area_px - b.area_px) <= max(1.0, 0.01 * a.area_px)
    )


def _overlap(a: GoldenRegion, b: GoldenRegion) -> bool:
    """Whether two boxes share half of the smaller one."""
    width = min(a.box_px[2], b.box_px[2]) - max(a.box_px[0], b.box_px[0])
    height = min(a.box_px[3], b.box_px[3]) - max(a.box_px[1], b.box_px[1])
    smaller = min((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (a.box_px, b.box_px))
    return max(0, width) * max(0, height) >= LEAST_SHARE * smaller
