"""Frames and results are joined by their id."""

from __future__ import annotations

import json

import pytest

from sonoedge.view.feed import ViewFeed
from view_samples import add, analysed, frame


def opened(message: bytes) -> tuple[dict[str, object], bytes]:
    length = int.from_bytes(message[:4], "little")
    return json.loads(message[4 : 4 + length]), message[4 + length :]


@pytest.mark.req("R62")
def test_a_result_is_shown_with_its_own_frame_whichever_comes_first() -> None:
    feed = ViewFeed(lambda: 0)
    feed.watched = True
    feed.add_frame(0, frame(10))
    feed.add_frame(1, frame(11))
    assert feed.newest(-1) is None
    feed.add_result(analysed(0))
    newest = feed.newest(-1)
    assert newest is not None
    head, pixels = opened(newest.message)
    assert (head["frame"], pixels) == (0, frame(10).pixels.tobytes())
    feed.add_result(analysed(2))
    assert feed.newest(0) is None
    feed.add_frame(2, frame(12))
    newest = feed.newest(0)
    assert newest is not None
    assert opened(newest.message)[1] == frame(12).pixels.tobytes()
    feed.add_result(analysed(1))  # late: an older frame never replaces a newer one
    assert feed.newest(-1) is not None
    assert feed.newest(2) is None


def test_superseded_frames_do_not_pile_up() -> None:
    feed = ViewFeed(lambda: 0)
    feed.watched = True
    for i in range(100):
        feed.add_frame(i, frame(10))
    add(feed, analysed(100))
    assert len(feed._frames) <= 9


def test_nothing_is_kept_without_a_viewer() -> None:
    feed = ViewFeed()
    add(feed, analysed(0))
    assert feed.newest(-1) is None


def test_a_picture_says_how_long_it_has_waited() -> None:
    now = [0]
    feed = ViewFeed(lambda: now[0])
    feed.watched = True
    add(feed, analysed(0))
    now[0] = 1_500_000_000
    newest = feed.newest(-1)
    assert newest is not None
    assert opened(newest.message)[0]["waited_ms"] == 1500.0


def test_each_picture_asks_for_the_newest_description() -> None:
    asked = 0

    def described() -> None:
        nonlocal asked
        asked += 1

    feed = ViewFeed(lambda: 0)
    feed.watched = True
    feed.ask_descriptions(described)
    add(feed, analysed(0))
    add(feed, analysed(1))
    assert feed.newest(-1) is not None
    assert asked == 1
