"""The page in Chromium: each thing that must not be mistaken, by its words."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("websockets", reason="needs the extra view")
playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")

from sonoedge.analysis import Analysis  # noqa: E402
from sonoedge.view.feed import ViewFeed  # noqa: E402
from view_samples import add, analysed, not_analysed, served  # noqa: E402

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
OPTIONS += ["--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=OPTIONS)
        yield browser
        browser.close()


@contextmanager
def frames_of(feed: ViewFeed, result: Callable[[int], Analysis]) -> Iterator[None]:
    """Ten frames a second, until it is left."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(0.1):
            add(feed, result(next(IDS)))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


IDS = itertools.count()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    yield context.new_page()
    context.close()


def reads(page: Any, headline: str) -> None:
    playwright.expect(page.locator("#headline")).to_have_text(headline, timeout=10_000)


@pytest.mark.req("R64")
def test_flag_not_analysed_stale_and_lost_each_have_their_words(page: Any) -> None:
    feed, asked = ViewFeed(), []
    page.on("request", lambda request: asked.append(request.url))
    with served(feed) as server:
        page.goto(server.url)
        with frames_of(feed, lambda i: analysed(i, found=False)):
            reads(page, "ANALYSED")
            playwright.expect(page.locator("#regions")).to_have_text("no region")
        with frames_of(feed, lambda i: analysed(i, flag=True)):
            reads(page, "FLAG")
            playwright.expect(page.locator("#regions")).to_contain_text("track 7: suspicion 0.91")
        with frames_of(feed, not_analysed):
            reads(page, "NOT ANALYSED")
            playwright.expect(page.locator("#explained")).to_have_text("no contact")
            playwright.expect(page.locator("#regions")).to_contain_text("not analysed")
        reads(page, "STALE")
        playwright.expect(page.locator("#figure")).to_have_class("dim")
        server.close("the source has ended")
        reads(page, "LOST")
        playwright.expect(page.locator("#explained")).to_have_text("the source has ended")
        assert {url.split("/")[2] for url in asked} == {f"127.0.0.1:{server.access.port}"}


@pytest.mark.req("R64")
def test_space_holds_the_picture_and_not_the_analysis(page: Any) -> None:
    feed = ViewFeed()
    with served(feed) as server:
        page.goto(server.url)
        with frames_of(feed, lambda i: analysed(i, found=False)):
            reads(page, "ANALYSED")
            page.keyboard.press("Space")
            playwright.expect(page.locator("#held")).to_contain_text("not live")
        with frames_of(feed, lambda i: analysed(i, flag=True)):
            reads(page, "FLAG")
            playwright.expect(page.locator("#regions")).to_have_text("no region")
            page.keyboard.press("Space")
            playwright.expect(page.locator("#held")).to_be_hidden()
            playwright.expect(page.locator("#regions")).to_contain_text("track 7")


def test_a_held_picture_does_not_say_that_a_lost_analysis_goes_on(page: Any) -> None:
    feed = ViewFeed()
    with served(feed) as server:
        page.goto(server.url)
        with frames_of(feed, lambda i: analysed(i, found=False)):
            reads(page, "ANALYSED")
            page.keyboard.press("Space")
            playwright.expect(page.locator("#held")).to_contain_text("the analysis goes on")
        reads(page, "STALE")
        playwright.expect(page.locator("#held")).to_have_text(re.compile(r"newest: not live$"))
        server.close("the source has ended")
        reads(page, "LOST")
        playwright.expect(page.locator("#held")).to_have_text(re.compile(r"newest: not live$"))


def test_the_frame_of_a_held_picture_lies_over_the_picture(page: Any) -> None:
    feed = ViewFeed()
    with served(feed) as server:
        page.goto(server.url)
        with frames_of(feed, lambda i: analysed(i, found=False)):
            reads(page, "ANALYSED")
            page.keyboard.press("Space")
            playwright.expect(page.locator("#held")).to_be_visible()
            shot = np.frombuffer(page.locator("#figure").screenshot(), np.uint8)
    figure = cv2.imdecode(shot, cv2.IMREAD_GRAYSCALE)
    assert figure is not None
    edges = [figure[3, 8:-8], figure[-4, 8:-8], figure[8:-8, 3], figure[8:-8, -4]]
    assert min(edge.min() for edge in edges) == 255


@pytest.mark.parametrize("size", [(1280, 800), (800, 480)])
def test_everything_fits_and_a_finger_finds_the_buttons(page: Any, size: tuple[int, int]) -> None:
    feed = ViewFeed()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    with served(feed) as server:
        page.goto(server.url)
        with frames_of(feed, lambda i: analysed(i, flag=True)):
            reads(page, "FLAG")
            for name in ("#hold", "#ask", "footer", "#picture", "#counters"):
                box = page.locator(name).bounding_box()
                assert box["y"] + box["height"] <= size[1] + 1, name
                assert box["x"] + box["width"] <= size[0] + 1, name
            assert page.locator("#hold").bounding_box()["height"] >= 44
            page.keyboard.press("?")
            playwright.expect(page.locator("#help")).to_be_visible()
            page.keyboard.press("Escape")
            playwright.expect(page.locator("#help")).to_be_hidden()
