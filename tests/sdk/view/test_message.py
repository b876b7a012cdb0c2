"""What a viewer is sent."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from metric_samples import status
from sonoedge.analysis import Analysis, Reason
from sonoedge.frames import Frame
from sonoedge.view.message import grey, picture_message, state_message
from view_samples import analysed, frame, not_analysed


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


def test_pixels_are_a_copy_and_colour_becomes_grey() -> None:
    given = frame()
    copy = grey(given)
    assert copy is not None
    assert not np.shares_memory(copy, given.pixels)
    colour = grey(Frame(pixels=np.full((4, 6, 3), 7, np.uint8)))
    assert colour is not None
    assert colour.shape == (4, 6)


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((4, 4), np.float32), np.zeros((0, 4), np.uint8), np.zeros((4, 4, 2), np.uint8)],
)
def test_what_is_no_picture_is_not_shown_as_one(pixels: np.ndarray) -> None:
    assert grey(Frame(pixels=pixels)) is None


def test_a_state_past_its_time_is_not_valid() -> None:
    ready = replace(status(), valid_until_ns=100)
    assert json.loads(state_message(ready, None, 99))["valid"] is True
    late = json.loads(state_message(ready, "SOURCE_LOST", 100))
    assert (late["valid"], late["source"]) == (False, "source lost")
