"""The page in Chromium: each thing that must not be mistaken, by its words."""

from __future__ import annotations

import re
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("websockets", reason="needs the extra view")
playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")

from sonoedge.view.feed import ViewFeed  # noqa: E402
from view_browser import frames_of, reads  # noqa: E402
from view_samples import analysed, not_analysed, served  # noqa: E402


@pytest.mark.req("R64")
def test_flag_not_analysed_stale_and_lost_each_have_their_words(page: Any) -> None:
    feed, asked = ViewFeed(), []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
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
        assert any(url.startswith("ws://") for url in asked)
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
