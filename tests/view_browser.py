"""Frames for a page that a browser shows, and what it reads there."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np

from sonoedge.analysis import Analysis
from sonoedge.frames import Frame
from sonoedge.view.feed import ViewFeed
from view_samples import frame

IDS = itertools.count()


@contextmanager
def frames_of(
    feed: ViewFeed,
    result: Callable[[int], Analysis],
    picture: Callable[[int], Frame] = lambda number: frame(),
) -> Iterator[None]:
    """Ten frames a second with their results, until it is left."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(0.1):
            number = next(IDS)
            feed.add_frame(number, picture(number))
            feed.add_result(result(number))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def reads(page: Any, headline: str) -> None:
    """Wait until the line at the top says so."""
    from playwright.sync_api import expect

    expect(page.locator("#headline")).to_have_text(headline, timeout=10_000)


def levels_at(page: Any, *points: tuple[float, float]) -> list[tuple[int, ...]]:
    """(blue, green, red) on the screen at (x, y) of a picture of 160 x 120, all of one moment."""
    shot = cv2.imdecode(np.frombuffer(page.locator("#stage").screenshot(), np.uint8), 1)
    assert shot is not None
    height, width = shot.shape[:2]
    scale = min(width / 160, height / 120)
    x0, y0 = (width - 160 * scale) / 2, (height - 120 * scale) / 2
    return [tuple(map(int, shot[round(y0 + y * scale), round(x0 + x * scale)])) for x, y in points]
