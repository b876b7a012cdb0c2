"""An analysis in words that a sonographer understands at a glance: one wording for all outputs.

"Suspicious" is of this frame alone. FLAG is raised: on a stream when a region stayed
suspicious over several frames (see `sonoedge.processing.tracking`), and it may be held for
some frames more; on a still, where nothing is tracked, when the frame is suspicious.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sonoedge.analysis import Analysed, Analysis, Line, NotAnalysed, Reason, Region

FLAG = "FLAG"
_TAUGHT = re.compile(r"taught [\w.+-]{1,64}", re.ASCII)
NO_LOCALISATION = "no localisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an analysed frame comes to.

    Attributes:
        flag: the flag is up.
        suspicious: this frame itself is suspicious.
        words: what there is to say beside the flag.
    """

    flag: bool
    suspicious: bool
    words: str

    def __str__(self) -> str:
        return f"{FLAG}: {self.words}" if self.flag else self.words


def verdict(analysis: Analysed) -> Verdict:
    """The verdict on an analysed frame."""
    suspicious, up = analysis.flagged, analysis.temporal_flag
    words = _state(analysis)
    if up is None:
        return Verdict(flag=suspicious, suspicious=suspicious, words=words)
    if up and not suspicious:
        words = f"held from earlier frames; now {words}"
    elif suspicious and not up:
        words += ", not yet confirmed"
    return Verdict(flag=up, suspicious=suspicious, words=words)


def taught(analysis: NotAnalysed) -> str:
    """ " (taught bone)" behind the reason of a frame that was taught to be left alone; else ""."""
    if Reason.OUT_OF_TAUGHT_SCOPE not in analysis.reasons:
        return ""
    name = _TAUGHT.match(analysis.detail)
    return "" if name is None else f" ({name[0]})"


def region_note(region: Region) -> str:
    """How a tracked region's flag stands, where that is not what its suspicion says; else ""."""
    if region.track_id is None or region.flagged == region.track_flagged:
        return ""
    return "flag held" if region.track_flagged else "not yet confirmed"


def likeliest(region: Region) -> str:
    """A region's suspicion, with its likeliest label where it is flagged."""
    words = f"suspicion {region.suspicion:.2f}"
    if region.flagged and region.class_probs:
        label, share = max(region.class_probs.items(), key=lambda item: item[1])
        # The likeliest label may be a benign one: then its number is not the suspicion.
        same = abs(share - region.suspicion) < 0.005
        words += f" {label}" if same else f", {label} {share:.2f}"
    return words


def line_words(line: Line) -> str:
    """A shaft's angle, and its length as far as it is seen: never where its tip is."""
    length = f"{line.length_px:.0f} px" if line.length_mm is None else f"{line.length_mm:.1f} mm"
    return f"line seen: {length}, {line.angle_deg:.0f} deg"


def _state(analysis: Analysed) -> str:
    """What this frame alone shows."""
    if analysis.grade is not None:
        mark = "suspicious" if analysis.flagged else "not suspicious"
        return f"frame {mark} ({analysis.grade.suspicion:.2f}), {NO_LOCALISATION}"
    count = len(analysis.regions)
    if count == 0:
        return "no region"
    suspicious = sum(region.flagged for region in analysis.regions)
    if count == 1:
        return "1 suspicious region" if suspicious else "1 region, not suspicious"
    if suspicious == count:
        return f"{count} suspicious regions"
    return f"{count} regions, {suspicious or 'none'} suspicious"


def counted(count: int, noun: str) -> str:
    """A count and what it counts: "1 frame", "2 frames"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def picture_line(name: str, analysis: Analysis) -> str:
    """One picture's line: its name, the verdict, and each region's suspicion, box and size."""
    if isinstance(analysis, NotAnalysed):
        reasons = ", ".join(reason.value for reason in analysis.reasons)
        detail = f" ({analysis.detail})" if analysis.detail else ""
        return f"{name}  NOT ANALYSED: {reasons}{detail}"
    regions = "".join(f"; {_region_words(region)}" for region in analysis.regions)
    return f"{name}  {verdict(analysis)}{regions}"


def _region_words(region: Region) -> str:
    x0, y0, x1, y1 = region.box_px
    note = region_note(region)
    size = "" if region.box_mm is None else " = {:.1f} x {:.1f} mm".format(*region.box_mm)
    box = f"box {x0},{y0} to {x1},{y1} px ({x1 - x0} x {y1 - y0}{size})"
    line = "" if region.line is None else line_words(region.line)
    return ", ".join(part for part in (likeliest(region), note, line, box) if part)
