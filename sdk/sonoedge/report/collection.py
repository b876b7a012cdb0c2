"""From analyses, one by one, to findings: what belongs to one track becomes one of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from sonoedge.analysis import Analysed, Analysis, Region
from sonoedge.report.findings import Algorithm, Contour, Finding, Findings, Outline
from sonoedge.report.uids import new_uid

MOST_FINDINGS: Final = 64  # each costs a reader's time, and 11 ms of a processor's
_FRAME: Final = "frame"  # the one track of a network that does not localise


@dataclass(slots=True, kw_only=True)
class _Track:
    frame: int
    suspicion: float
    region: Region | None
    spacing_mm: tuple[float, float] | None
    confirmed: bool
    suspicious_frames: int = 0
    outlines: list[Outline] = field(default_factory=list)


class Collection:
    """Takes a recording's analyses in their order.

    Args:
        algorithm: what analyses.
        frames: of the file.
        passes: how often each comes.
        followed: regions have tracks; without, each region of each frame is a finding.
        localised: the network says where.
        most: findings that are kept, the most suspicious.
    """

    def __init__(
        self,
        algorithm: Algorithm,
        *,
        frames: int,
        passes: int,
        followed: bool,
        localised: bool = True,
        most: int = MOST_FINDINGS,
    ) -> None:
        self._algorithm = algorithm
        self._frames, self._passes = frames, passes
        self._followed, self._localised, self._most = followed, localised, most
        self._tracks: dict[object, _Track] = {}
        self._reasons: Counter[str] = Counter()
        self._analysed = 0

    def add(
        self, frame: int, analysis: Analysis, spacing_mm: tuple[float, float] | None = None
    ) -> None:
        """Take one picture's analysis.

        Args:
            frame: number in its file, from 1.
            spacing_mm: (rows, columns) millimetres per pixel, where they are trusted.
        """
        if not isinstance(analysis, Analysed):
            self._reasons.update(reason.value for reason in analysis.reasons)
            return
        self._analysed += 1
        if analysis.grade is not None:
            key: object = _FRAME if self._followed else (_FRAME, frame)
            track = self._track(key, frame, analysis.grade.suspicion, None, spacing_mm)
            track.suspicious_frames += analysis.grade.flagged
            track.confirmed |= bool(analysis.temporal_flag)
            return
        for position, region in enumerate(analysis.regions):
            key = region.track_id if self._followed else (self._analysed, position)
            track = self._track(key, frame, region.suspicion, region, spacing_mm)
            track.suspicious_frames += region.flagged
            track.confirmed |= region.track_flagged
            track.outlines.append(
                Outline(frame=frame, contour_px=region.contour_px, suspicion=region.suspicion)
            )

    def findings(self) -> Findings:
        """What they came to."""
        tracks = [t for t in self._tracks.values() if t.suspicious_frames]
        tracks.sort(key=lambda t: (-t.confirmed, -t.suspicion, t.frame))
        kept = tracks[: self._most]
        return Findings(
            frames=self._frames,
            passes=self._passes,
            analysed=self._analysed,
            reasons=dict(self._reasons),
            findings=tuple(self._finding(n, track) for n, track in enumerate(kept, 1)),
            left_out=len(tracks) - len(kept),
            below_threshold=len(self._tracks) - len(tracks),
            localised=self._localised,
            followed=self._followed,
            algorithm=self._algorithm,
        )

    def _track(
        self,
        key: object,
        frame: int,
        suspicion: float,
        region: Region | None,
        spacing_mm: tuple[float, float] | None,
    ) -> _Track:
        track = self._tracks.get(key)
        if track is None:
            track = _Track(
                frame=frame,
                suspicion=suspicion,
                region=region,
                spacing_mm=spacing_mm,
                confirmed=False,
            )
            self._tracks[key] = track
        elif suspicion > track.suspicion:
            track.frame, track.suspicion = frame, suspicion
            track.region, track.spacing_mm = region, spacing_mm
        return track

    def _finding(self, number: int, track: _Track) -> Finding:
        region, contour, axes = track.region, None, None
        if region is not None:
            contour = region.contour_px
            if track.spacing_mm is not None and region.area_mm2 is not None:
                axes = axes_mm(contour, track.spacing_mm)
        return Finding(
            number=number,
            tracking_uid=new_uid(),
            frame=track.frame,
            contour_px=contour,
            suspicion=track.suspicion,
            confirmed=track.confirmed if self._followed else None,
            area_mm2=None if region is None else region.area_mm2,
            axes_mm=axes,
            outlines=tuple(track.outlines),
            suspicious_frames=track.suspicious_frames,
        )


def axes_mm(contour_px: Contour, spacing_mm: tuple[float, float]) -> tuple[float, float]:
    """(Long, short) sides of the smallest rectangle around a contour, millimetres."""
    rows, columns = spacing_mm
    points = contour_px.astype(np.float32) * np.array((columns, rows), dtype=np.float32)
    _, sides, _ = cv2.minAreaRect(points)
    return float(max(sides)), float(min(sides))
