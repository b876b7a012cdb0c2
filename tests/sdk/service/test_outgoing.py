from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from service_messages import BY_KIND, Message, Result, read_result, state_texts
from sonoedge.analysis import (
    Analysed,
    Analysis,
    FrameGrade,
    NotAnalysed,
    Origin,
    Reason,
    Region,
)
from sonoedge.service import outgoing
from sonoedge.service.codes import Refusal, RegionFlag, ResultFlag
from sonoedge.service.protocol import MAX_MESSAGE, MAX_POINTS, MAX_TEXT
from sonoedge.session.ledger import Counters
from sonoedge.session.states import State, Status

ORIGIN = Origin(
    bundle_id="b-1", engine_sha256="s", runtime="onnxruntime", precision="int8", variant="v"
)
LABELS = ("normal", "benign", "malignant")


def unpacked(data: bytes) -> Message:
    layout = BY_KIND[int.from_bytes(data[:4], "little")]
    numbers = list(layout.struct.unpack_from(data))
    values: dict[str, Any] = {}
    for field in layout.fields:
        count = int(field.code[:-1] or 1)
        values[field.name] = numbers[:count] if count > 1 else numbers[0]
        del numbers[:count]
    return Message(layout, values, data[layout.size :])


def sent(analysis: Analysis, labels: tuple[str, ...] = LABELS) -> Result:
    data = outgoing.result(analysis, labels=labels, frame_id=9, seq=8, number=7, valid_until_ns=6)
    assert len(data) <= MAX_MESSAGE
    result = read_result(unpacked(data))
    assert (result.frame_id, result.seq, result.number, result.valid_until_ns) == (9, 8, 7, 6)
    return result


def region(points: int = 4, **fields: Any) -> Region:
    given: dict[str, Any] = {
        "contour_px": np.arange(2 * points, dtype=np.int32).reshape(-1, 2) % 8192,
        "box_px": (1, 2, 3, 4),
        "area_px": 0.1,
        "area_mm2": 1 / 3,
        "box_mm": (2 / 3, 0.7),
        "suspicion": math.nextafter(0.5, 1),
        "class_probs": {"malignant": 0.2, "normal": 0.7, "benign": 0.1},
        "flagged": True,
        "track_id": 5,
        "track_flagged": True,
    }
    return Region(**given | fields)


def analysed(*regions: Region, **fields: Any) -> Analysed:
    given: dict[str, Any] = {
        "frame_id": 0,
        "captured_ns": 123,
        "age_ms": 4.5,
        "stages_ms": {},
        "origin": ORIGIN,
        "regions": regions,
        "class_probs": {},
        "temporal_flag": True,
    }
    return Analysed(**given | fields)


def test_every_field_of_a_region_arrives_to_the_last_bit() -> None:
    result = sent(analysed(region()))
    (found,) = result.regions
    assert found.contour.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert (found.box, found.track_id, found.area_px) == ((1, 2, 3, 4), 5, 0.1)
    assert found.sizes_mm == (1 / 3, 2 / 3, 0.7)
    assert found.suspicion == math.nextafter(0.5, 1)
    assert found.class_probs == (0.7, 0.1, 0.2)  # in the labels' order
    assert found.flags == RegionFlag.FLAGGED | RegionFlag.TRACK_FLAGGED | RegionFlag.HAS_MM
    assert result.suspicion == found.suspicion
    assert (result.captured_ns, result.age_ms) == (123, 4.5)
    assert result.reasons == ()


def test_what_is_not_known_is_marked_and_no_number() -> None:
    plain = region(area_mm2=None, box_mm=None, track_id=None, track_flagged=False, flagged=False)
    result = sent(analysed(plain, temporal_flag=None))
    assert result.regions[0].flags == RegionFlag(0)
    assert result.regions[0].track_id == -1
    assert result.flags == ResultFlag.ANALYSED | ResultFlag.LOCALISED | ResultFlag.HAS_SUSPICION


def test_nothing_found_and_not_analysed_are_told_apart() -> None:
    nothing = sent(analysed(temporal_flag=False))
    assert nothing.flags & ResultFlag.ANALYSED
    assert not nothing.flags & (ResultFlag.HAS_SUSPICION | ResultFlag.FLAGGED)
    refused = sent(
        NotAnalysed(
            frame_id=0,
            captured_ns=1,
            age_ms=0.0,
            stages_ms={},
            origin=ORIGIN,
            reasons=(Reason.CONSTANT, Reason.FORKED),
            detail="one grey everywhere",
        )
    )
    assert refused.flags == ResultFlag(0)
    assert refused.reasons == ("CONSTANT", "FORKED")
    assert refused.detail == "one grey everywhere"
    assert refused.regions == []


def test_a_frames_grade_says_that_nothing_was_localised() -> None:
    grade = FrameGrade(suspicion=0.25, flagged=False)
    result = sent(analysed(grade=grade, class_probs={"normal": 0.75, "malignant": 0.25}))
    assert not result.flags & ResultFlag.LOCALISED
    assert result.suspicion == 0.25
    assert result.class_probs == (0.75, 0.0, 0.25)


def test_a_contour_with_too_many_points_is_thinned_and_marked() -> None:
    result = sent(analysed(region(MAX_POINTS), region(MAX_POINTS + 1)))
    whole, thinned = result.regions
    assert len(whole.contour) == MAX_POINTS
    assert not whole.flags & RegionFlag.CONTOUR_CUT
    assert len(thinned.contour) == MAX_POINTS
    assert thinned.flags & RegionFlag.CONTOUR_CUT
    assert thinned.contour[0].tolist() == [0, 1]


@pytest.mark.parametrize("labels", [3, 64])
@pytest.mark.parametrize("regions", [16, 40, 256])
def test_the_largest_result_fits_into_a_message(labels: int, regions: int) -> None:
    names = tuple(f"l{n}" for n in range(labels))
    probs = dict.fromkeys(names, 0.5)
    found = sent(analysed(*[region(9000, class_probs=probs)] * regions, class_probs=probs), names)
    assert len(found.regions) == regions
    assert all(len(each.contour) >= 1 for each in found.regions)
    assert all(each.flags & RegionFlag.CONTOUR_CUT for each in found.regions)
    assert (len(found.regions[0].contour) == MAX_POINTS) == (regions == 16)


def test_more_regions_than_there_may_be_are_left_out_the_least_suspicious_first() -> None:
    result = sent(analysed(*(region(suspicion=1 - n / 300) for n in range(300))))
    assert len(result.regions) == 256
    assert result.regions[-1].suspicion == 1 - 255 / 300


def test_a_welcome_names_the_labels_and_the_threshold() -> None:
    message = unpacked(outgoing.welcome(["a", "bé", "x" * 400], 0.3))
    assert message.values["labels"] == 3
    assert message.values["flag_threshold"] == 0.3
    assert message.rest == b"\1\0a" + b"\3\0b\xc3\xa9" + b"\xff\0" + b"x" * MAX_TEXT


def status(**fields: Any) -> Status:
    counters = Counters(submitted=0, analysed=0, not_analysed={}, superseded=0, in_flight=0)
    given: dict[str, Any] = {
        "state": State.DEGRADED,
        "reasons": ("ENGINE_HUNG", "LOG_STORAGE"),
        "valid_until_ns": 1,
        "at_ns": 1,
        "counters": counters,
        "deaths": 0,
        "callback_errors": 0,
        "origin": ORIGIN,
        "choice": "",
    }
    return Status(**given | fields)


def test_a_state_names_its_reasons_and_the_engine() -> None:
    message = unpacked(outgoing.state(status(), 3))
    assert (message.values["state"], message.values["number"]) == (3, 3)
    assert state_texts(message) == {
        "reasons": "ENGINE_HUNG LOG_STORAGE",
        "bundle": "b-1",
        "runtime": "onnxruntime",
        "precision": "int8",
        "variant": "v",
    }
    empty = unpacked(outgoing.state(status(state=State.STARTING, origin=None, reasons=()), 1))
    assert set(state_texts(empty).values()) == {""}


def test_a_refusal_has_a_token_and_a_sentence() -> None:
    message = unpacked(outgoing.refused(Refusal.STREAM_IN_USE, "taken"))
    assert message.values["token"] == 6
    assert message.rest == b"taken"


@pytest.mark.parametrize("text", ["", "é" * 200, "x" * 255, "x" * 256, "a\0b", "\ud800"])
def test_a_text_is_cut_between_characters_and_holds_no_end(text: str) -> None:
    raw = outgoing.short(text)
    assert len(raw) <= MAX_TEXT
    assert b"\0" not in raw
    assert len(raw.decode()) <= len(text)
