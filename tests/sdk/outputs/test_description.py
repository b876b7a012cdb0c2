from __future__ import annotations

import json

import numpy as np

from measured_pictures import ellipse
from sonoedge.analysis import Analysed, FrameGrade, Origin, Region
from sonoedge.description import Described, NotDescribed, NotDescribedReason
from sonoedge.measure import Measures
from sonoedge.outputs.description import description_record, frame_record, frame_text
from sonoedge.words import Measurement

MEASURES = Measures(
    names=("shape.extent", "margin.posterior"),
    values=np.array([0.5, 0.0], dtype=np.float32),
    not_measured=("margin.posterior",),
)
WORD = Measurement(name="outline", value=0.9, unit="", word="irregular", reliable=True)
DESCRIBED = Described(measures=MEASURES, words=(WORD,), sentence="Outline irregular. " * 8)
NOT = NotDescribed(reason=NotDescribedReason.REGION_TOO_SMALL, detail="fewer than 16 pixels")


def analysed(*regions: Region, grade: FrameGrade | None = None) -> Analysed:
    origin = Origin(bundle_id="b", engine_sha256="", runtime="r", precision="p", variant="v")
    return Analysed(
        frame_id=0,
        captured_ns=1,
        age_ms=1.0,
        stages_ms={},
        origin=origin,
        regions=regions,
        class_probs={},
        grade=grade,
    )


REGION = ellipse((100, 100), (20, 20))


def test_what_was_not_measured_is_null_and_keys_are_always_the_same() -> None:
    data = description_record(DESCRIBED)
    assert data["measures"] == {"shape.extent": 0.5, "margin.posterior": None}
    assert data["words"][0]["word"] == "irregular"
    assert list(data) == list(description_record(NOT))


def test_not_described_is_never_read_as_nothing_to_say() -> None:
    data = description_record(NOT)
    assert data["described"] is False
    assert data["reason"] == "REGION_TOO_SMALL"
    assert data["words"] is data["measures"] is data["sentence"] is None
    assert "NOT DESCRIBED: REGION_TOO_SMALL" in frame_text(analysed(REGION), (NOT,))


def test_a_frames_record_is_strict_json() -> None:
    text = json.dumps(frame_record(analysed(REGION), (DESCRIBED,), file="a.png"), allow_nan=False)
    assert len(json.loads(text)["descriptions"]) == 1


def test_text_has_80_columns_and_tells_how_much_was_not_measured() -> None:
    text = frame_text(analysed(REGION, REGION), (DESCRIBED, NOT))
    assert max(map(len, text.splitlines())) <= 80
    assert "1 of 2 measures could not be taken." in " ".join(text.split())


def test_no_region_and_no_localisation_are_told_apart() -> None:
    assert frame_text(analysed(), ()) == "No region was found."
    grade = FrameGrade(suspicion=0.5, flagged=True)
    assert "classifies alone" in frame_text(analysed(grade=grade), ())
