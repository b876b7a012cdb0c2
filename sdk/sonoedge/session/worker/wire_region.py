"""A region's way to the worker, and its description's way back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from sonoedge.analysis import Region
from sonoedge.description import Described, Description, NotDescribed, NotDescribedReason
from sonoedge.frames import Frame
from sonoedge.measure import Measures
from sonoedge.session.worker.wire import Unpacker, pack
from sonoedge.session.worker.wire_frame import frame_from, frame_to
from sonoedge.session.worker.wire_opinions import opinions_from, opinions_to
from sonoedge.words import Measurement


def region_to(frame: Frame, stream: str, offset: int, region: Region) -> bytes:
    """A region and its frame, as one message; the pixels lie in the shared memory.

    Raises:
        TypeError, ValueError: a value is not of the kind that a frame's must be.
    """
    contour = region.contour_px.astype("<i4", copy=False)
    header = {
        "region": len(contour),
        "box_px": region.box_px,
        "area_px": region.area_px,
        "suspicion": region.suspicion,
        "class_probs": dict(region.class_probs),
        "flagged": region.flagged,
        "track_id": region.track_id,
        "track_flagged": region.track_flagged,
        "embedding": 0 if region.embedding is None else len(region.embedding),
    }
    embedding = b"" if region.embedding is None else region.embedding.astype("<f4").tobytes()
    return pack(header, contour.tobytes() + embedding + frame_to(frame, stream, offset))


def region_from(
    header: Mapping[str, Any], block: bytes, memory: np.ndarray[Any, np.dtype[np.uint8]]
) -> tuple[Frame, Region]:
    """The frame, over the shared pixels, and its region."""
    end = 8 * header["region"]
    embedded = end + 4 * header["embedding"]
    embedding = np.frombuffer(block[end:embedded], dtype="<f4").astype(np.float32)
    ((inner, numbers),) = Unpacker().feed(block[embedded:])
    frame, _ = frame_from(inner, numbers, memory)
    x0, y0, x1, y1 = header["box_px"]
    region = Region(
        contour_px=np.frombuffer(block[:end], dtype="<i4").reshape(-1, 2).astype(np.int32),
        box_px=(x0, y0, x1, y1),
        area_px=header["area_px"],
        area_mm2=None,
        box_mm=None,
        suspicion=header["suspicion"],
        class_probs=header["class_probs"],
        flagged=header["flagged"],
        track_id=header["track_id"],
        track_flagged=header["track_flagged"],
        embedding=embedding if len(embedding) else None,
    )
    return frame, region


def description_to(description: Description) -> bytes:
    """A description as a message."""
    if isinstance(description, NotDescribed):
        told = {"reason": description.reason.value, "detail": description.detail}
        return pack({"is": "not_described"} | told)
    measures = description.measures
    return pack(
        {
            "is": "described",
            "names": measures.names,
            "not_measured": measures.not_measured,
            "words": [(w.name, w.value, w.unit, w.word, w.reliable) for w in description.words],
            "sentence": description.sentence,
            **opinions_to(description),
        },
        measures.values.astype("<f4", copy=False).tobytes(),
    )


def description_from(header: Mapping[str, Any], block: bytes) -> Description:
    """The description again.

    Raises:
        ValueError, TypeError, KeyError: this is none.
    """
    if header["is"] == "not_described":
        return NotDescribed(
            reason=NotDescribedReason(header["reason"]), detail=str(header["detail"])
        )
    values = np.frombuffer(block, dtype="<f4").astype(np.float32)
    names = tuple(str(name) for name in header["names"])
    if len(values) != len(names) or not all(map(math.isfinite, values)):
        raise ValueError("measures are cut short, or no numbers")
    words = tuple(
        Measurement(name=str(name), value=value, unit=str(unit), word=word, reliable=bool(reliable))
        for name, value, unit, word, reliable in header["words"]
    )
    return Described(
        measures=Measures(
            names=names, values=values, not_measured=tuple(map(str, header["not_measured"]))
        ),
        words=words,
        sentence=str(header["sentence"]),
        **opinions_from(header),
    )
