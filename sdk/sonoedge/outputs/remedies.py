"""What may help where frames are not analysed, by the reason that was given most often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sonoedge.analysis import Reason
from sonoedge.errors import NothingAnalysed

_GUARD = "see docs/reference/guard.md for the settings"

REMEDIES: Final[Mapping[str, str]] = {
    Reason.WRONG_DTYPE.value: "give 8-bit pixels (uint8)",
    Reason.WRONG_SHAPE.value: "give grey (H, W) or BGR (H, W, 3) pictures of at most max_side_px",
    Reason.EMPTY.value: "the region of interest holds no pixel: check input.roi of the recipe",
    Reason.CONSTANT.value: f"one grey level alone is shown: is the region the right one? {_GUARD}",
    Reason.BLACK.value: f"the pictures are black: is the source connected and unfrozen? {_GUARD}",
    Reason.SATURATED.value: f"half of the pixels are white: lower the gain; {_GUARD}",
    Reason.FRAME_INVALID.value: "the source says that its frames are no valid pictures; see the "
    "detail in --jsonl",
    Reason.FRAME_FROZEN.value: "the picture does not change: unfreeze the scanner; "
    "pictures that belong to no stream are read with --stills",
    Reason.COLOUR_BARS.value: "this is a test picture: select the scanner's output",
    Reason.COLOUR_OVERLAY.value: f"switch colour Doppler off, or cut it out (input.roi); {_GUARD}",
    Reason.NO_CONTACT.value: f"the probe seems to be in air; {_GUARD}",
    Reason.WRONG_ASPECT.value: f"the region of interest is too narrow or too wide; {_GUARD}",
    Reason.SPACING_MISSING.value: "this bundle demands a spacing, and the source says none",
    Reason.SPACING_INVALID.value: "the spacing is no length that an ultrasound picture has: "
    "check its unit; see docs/explanation/geometry.md",
    Reason.PROBE_NOT_ALLOWED.value: "the bundle's guard.probes does not name this probe",
    Reason.PRESET_NOT_ALLOWED.value: "the bundle's guard.presets does not name this preset",
    Reason.OUT_OF_SCOPE.value: "the network takes it for another picture than it was made for: "
    "`sonoedge inspect` shows the intended use",
    Reason.OUT_OF_TAUGHT_SCOPE.value: "this device was taught to leave such pictures alone: "
    "`sonoedge teach-scope BUNDLE --list` shows what, --remove takes it back",
    Reason.ENGINE_FAILED.value: "the engine failed: try another --runtime, and see the detail in "
    "--jsonl",
    Reason.ENGINE_OUTPUT_INVALID.value: "the engine gives no probabilities: try another --runtime, "
    "or export the bundle again",
}


def remedy(counts: Mapping[str, int]) -> str:
    """What may help; "" where nothing is known that would.

    Args:
        counts: frames by reason.
    """
    if not counts:
        return ""
    most = max(sorted(counts), key=lambda reason: counts[reason])
    return REMEDIES.get(most, "")


def nothing_analysed(frames: int, counts: Mapping[str, int]) -> NothingAnalysed:
    """The error of a run in which every frame was refused.

    Args:
        frames: how many there were.
        counts: frames by reason.
    """
    reasons = ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))
    hint = remedy(counts)
    none = "the only frame was not" if frames == 1 else f"not one of {frames} frames was"
    return NothingAnalysed(f"{none} analysed: {reasons}" + (f"; {hint}" if hint else ""))
