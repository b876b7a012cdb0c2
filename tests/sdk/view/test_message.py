"""What a viewer is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from metric_samples import status
from sonoedge.analysis import Analysis, Line, Reason
from sonoedge.description import Described, NotDescribed, NotDescribedReason
from sonoedge.frames import Frame
from sonoedge.heads import Opinion
from sonoedge.measure import Measures
from sonoedge.session.describing import RegionDescription
from sonoedge.view.message import picture, picture_message, state_message
from view_samples import analysed, explained, frame, not_analysed


def head(result: Analysis) -> dict[str, object]:
    message = picture_message(None, frame(), result, 0.0)
    values: dict[str, object] = json.loads(message[4:])
    return values


@pytest.mark.req("R62")
@pytest.mark.parametrize("reason", list(Reason))
def test_not_analysed_never_reads_as_nothing_found(reason: Reason) -> None:
    refused, nothing = head(not_analysed(0, reason)), head(analysed(0, found=False))
    assert (refused["outcome"], refused["regions"]) == ("not_analysed", None)
    assert (nothing["outcome"], nothing["regions"], nothing["words"]) == (
        "analysed",
        [],
        "no region",
    )
    assert refused["words"]
    assert "flag" not in refused


def test_a_detail_is_not_sent() -> None:
    assert "stays" not in json.dumps(head(not_analysed(0)))


@pytest.mark.parametrize("layout", ["C", "F"])
def test_pixels_are_a_copy_and_colour_stays_colour(layout: Literal["C", "F"]) -> None:
    colour = np.random.default_rng(1).integers(0, 255, (4, 6, 3), dtype=np.uint8)
    for pixels in (frame().pixels, np.array(colour, order=layout)):
        copy = picture(Frame(pixels=pixels))
        assert copy is not None
        assert copy.flags.c_contiguous
        assert not np.shares_memory(copy, pixels)
        assert np.array_equal(copy, pixels)


def test_grey_in_three_equal_channels_is_sent_as_grey() -> None:
    pixels = np.repeat(frame().pixels[..., None], 3, axis=2)
    assert np.array_equal(picture(Frame(pixels=pixels)), frame().pixels)
    pixels[-1, -1, 2] += 1
    assert np.array_equal(picture(Frame(pixels=pixels)), pixels)


def test_pixels_and_the_levels_of_the_map_follow_the_header() -> None:
    pixels, result = np.arange(36, dtype=np.uint8).reshape(3, 4, 3), explained(0)
    assert result.explanation is not None
    message = picture_message(pixels, Frame(pixels=pixels), result, 0.0, 21.0)
    end = 4 + int.from_bytes(message[:4], "little")
    values = json.loads(message[4:end])
    assert (values["width"], values["height"], values["channels"]) == (4, 3, 3)
    assert values["map"] == {
        "name": "malignancy_map",
        "width": 16,
        "height": 12,
        "box_px": [0, 0, 160, 120],
    }
    assert values["drawn_ms"] == 21.0
    assert message[end:] == pixels.tobytes() + result.explanation.levels.tobytes()
    assert head(not_analysed(0))["map"] is None


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((4, 4), np.float32), np.zeros((0, 4), np.uint8), np.zeros((4, 4, 2), np.uint8)],
)
def test_what_is_no_picture_is_not_shown_as_one(pixels: np.ndarray) -> None:
    assert picture(Frame(pixels=pixels)) is None


def test_a_state_past_its_time_is_not_valid() -> None:
    ready = replace(status(), valid_until_ns=100)
    assert json.loads(state_message(ready, None, 99))["valid"] is True
    late = json.loads(state_message(ready, "SOURCE_LOST", 100))
    assert (late["valid"], late["source"]) == (False, "source lost")


def test_a_line_goes_with_its_region() -> None:
    plain = analysed(0)
    assert [r["line_px"] for r in head(plain)["regions"]] == [None]  # type: ignore[attr-defined]
    line = Line(ends_px=((40, 30), (100, 80)), angle_deg=39.8, length_px=78.1, length_mm=19.5)
    lined = replace(plain, regions=(replace(plain.regions[0], line=line),))
    (region,) = head(lined)["regions"]  # type: ignore[misc]
    assert region["line_px"] == [[40, 30], [100, 80]]
    assert "line seen: 19.5 mm, 40 deg" in region["words"]


def told(frame_id: int, described: RegionDescription) -> str:
    result = replace(analysed(frame_id, flag=True), stream="main", captured_ns=2_000_000_000)
    values = json.loads(picture_message(None, frame(), result, 0.0, described=described)[4:])
    words: str = values["regions"][0]["words"]
    return words


def test_a_second_opinion_that_disagrees_is_said_at_its_track_with_its_age() -> None:
    opinion = Opinion(
        name="second", kind="logistic", suspicion=0.1, flagged=False, disagrees=True, fused=None
    )
    measures = Measures(names=("shape.a",), values=np.zeros(1, dtype=np.float32))
    newest = RegionDescription(
        frame_id=3,
        stream="main",
        track_id=7,
        captured_ns=1_400_000_000,
        description=Described(measures=measures, opinions=(opinion,)),
    )
    assert told(9, newest).endswith(", second opinion disagrees, 0.6 s before")
    assert told(3, replace(newest, captured_ns=2_000_000_000)).endswith("second opinion disagrees")
    stale = NotDescribed(reason=NotDescribedReason.STALE)
    for other in (
        replace(newest, track_id=8),
        replace(newest, track_id=None),
        replace(newest, stream="second"),
        replace(newest, description=stale),
    ):
        assert "opinion" not in told(9, other)
