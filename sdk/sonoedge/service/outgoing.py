"""What the service says: welcome, results, states, refusals, as bytes."""

from __future__ import annotations

import functools
import struct
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Analysed, Analysis, Region
from sonoedge.reason_numbers import REASONS
from sonoedge.service.codes import STATES, Refusal, RegionFlag, ResultFlag
from sonoedge.service.protocol import (
    MAGIC,
    MAX_LABELS,
    MAX_MESSAGE,
    MAX_POINTS,
    MAX_REASONS,
    MAX_REGIONS,
    MAX_TEXT,
    REFUSED,
    REGION,
    RESULT,
    SLOT_BYTES,
    SLOTS,
    STATE,
    VERSION,
    WELCOME,
)
from sonoedge.session.states import Status

_POINT: Final = 4  # bytes
Contour = npt.NDArray[np.int32]


def welcome(labels: Sequence[str], threshold: float) -> bytes:
    """The answer to hello.

    Args:
        labels: of the network's probabilities; at most `MAX_LABELS` are told.
        threshold: suspicion from which a region is flagged.
    """
    texts = [short(label) for label in labels[:MAX_LABELS]]
    fixed = WELCOME.struct.pack(
        WELCOME.kind, MAGIC, VERSION, len(texts), SLOTS, SLOT_BYTES, 0, threshold
    )
    return fixed + b"".join(struct.pack("<H", len(text)) + text for text in texts)


def state(status: Status, number: int) -> bytes:
    """The session's state.

    Args:
        number: that the client acknowledges it by.
    """
    origin = status.origin
    texts = [short(" ".join(status.reasons))]
    texts += (
        [b""] * 4
        if origin is None
        else [
            short(text)
            for text in (origin.bundle_id, origin.runtime, origin.precision, origin.variant)
        ]
    )
    lengths = [len(text) for text in texts]
    fixed = STATE.struct.pack(STATE.kind, STATES[status.state], number, *lengths, 0, 0, 0)
    return fixed + b"".join(texts)


def refused(token: Refusal, message: str) -> bytes:
    """The last message of a connection."""
    text = short(message)
    return REFUSED.struct.pack(REFUSED.kind, token, len(text), 0) + text


def result(
    analysis: Analysis,
    *,
    labels: Sequence[str],
    frame_id: int,
    seq: int,
    number: int,
    valid_until_ns: int,
) -> bytes:
    """A frame's outcome.

    Args:
        labels: the order in which probabilities stand; as in `welcome`.
        frame_id, seq, number, valid_until_ns: see `protocol.RESULT`.
    """
    flags, suspicion, detail = 0, 0.0, b""
    reasons: list[int] = []
    regions: tuple[Region, ...] = ()
    probs: Mapping[str, float] = {}
    if isinstance(analysis, Analysed):
        regions, probs = analysis.regions[:MAX_REGIONS], analysis.class_probs
        flags = _flags(analysis)
        suspicion = analysis.suspicion or 0.0
    else:
        reasons = [REASONS[reason] for reason in analysis.reasons[:MAX_REASONS]]
        detail = short(analysis.detail)
    labels = labels[:MAX_LABELS]
    of_region = len(labels) if regions and regions[0].class_probs else 0
    of_frame = len(labels) if probs else 0
    fixed = RESULT.struct.pack(
        *(RESULT.kind, flags, number, frame_id, seq, analysis.captured_ns, valid_until_ns),
        *(analysis.age_ms, suspicion, len(regions), len(reasons), of_frame, of_region),
        *(len(detail), 0, 0, 0),
    )
    room = MAX_MESSAGE - len(fixed) - 8 * of_frame - 2 * len(reasons) - len(detail)
    room -= len(regions) * (REGION.size + 8 * of_region)
    contours = _fitting([region.contour_px for region in regions], room // _POINT)
    parts = [fixed, _doubles(probs, labels[:of_frame])]
    for region, contour in zip(regions, contours, strict=True):
        parts += (_region(region, contour), _doubles(region.class_probs, labels[:of_region]))
    parts += [contour.astype("<i2").tobytes() for contour in contours]
    parts += (struct.pack(f"<{len(reasons)}H", *reasons), detail)
    return b"".join(parts)


def _flags(analysis: Analysed) -> int:
    flags = ResultFlag.ANALYSED
    if analysis.flagged:
        flags |= ResultFlag.FLAGGED
    if analysis.temporal_flag is not None:
        flags |= ResultFlag.HAS_TEMPORAL_FLAG
    if analysis.temporal_flag:
        flags |= ResultFlag.TEMPORAL_FLAG
    if analysis.localised:
        flags |= ResultFlag.LOCALISED
    if analysis.suspicion is not None:
        flags |= ResultFlag.HAS_SUSPICION
    return int(flags)


def _region(region: Region, contour: Contour) -> bytes:
    flags = RegionFlag.FLAGGED if region.flagged else RegionFlag(0)
    if region.track_flagged:
        flags |= RegionFlag.TRACK_FLAGGED
    if len(contour) < len(region.contour_px):
        flags |= RegionFlag.CONTOUR_CUT
    sizes = (0.0, 0.0, 0.0)
    if region.area_mm2 is not None and region.box_mm is not None:
        flags |= RegionFlag.HAS_MM
        sizes = (region.area_mm2, *region.box_mm)
    track = -1 if region.track_id is None else region.track_id
    return REGION.struct.pack(
        *region.box_px, track, region.area_px, *sizes, region.suspicion, len(contour), int(flags)
    )


def _doubles(probs: Mapping[str, float], labels: Sequence[str]) -> bytes:
    return struct.pack(f"<{len(labels)}d", *(probs.get(label, 0.0) for label in labels))


def _fitting(contours: list[Contour], most: int) -> list[Contour]:
    """The contours, thinned evenly where one, or all together, have too many points."""
    contours = [_thinned(contour, MAX_POINTS) for contour in contours]
    total = sum(map(len, contours))
    if total <= most:
        return contours
    most -= len(contours)  # each keeps a point at least
    return [_thinned(contour, max(1, len(contour) * most // total)) for contour in contours]


def _thinned(contour: Contour, most: int) -> Contour:
    if len(contour) <= most:
        return contour
    return contour[np.linspace(0, len(contour), most, endpoint=False).astype(np.intp)]


@functools.lru_cache(maxsize=64)
def short(text: str) -> bytes:
    """A text as UTF-8 of at most MAX_TEXT bytes, cut between two characters."""
    raw = text.encode("utf-8", "replace").replace(b"\0", b" ")
    return raw if len(raw) <= MAX_TEXT else raw[:MAX_TEXT].decode("utf-8", "ignore").encode()
