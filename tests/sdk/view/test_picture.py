"""What the page draws, by the pixels on the screen."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("websockets", reason="needs the extra view")
playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")

from sonoedge.analysis import Analysed, Line  # noqa: E402
from sonoedge.frames import Frame  # noqa: E402
from sonoedge.view.feed import ViewFeed  # noqa: E402
from view_browser import frames_of, levels_at, reads  # noqa: E402
from view_samples import analysed, explained, not_analysed, served  # noqa: E402

OUTSIDE, INSIDE = (20, 100), (70, 55)  # of the samples' region, in source pixels
TINT = (48, 176, 255)


def level(number: int) -> int:
    """The grey level of a frame: ten of them in turn, none like the next."""
    return 30 + 20 * (number % 10)


def flat(number: int) -> Frame:
    return Frame(pixels=np.full((120, 160), level(number), np.uint8))


def with_map(number: int) -> Analysed:
    """A result whose map has the level of its own frame."""
    return explained(number, level(number))


def tinted(grey: int) -> tuple[float, ...]:
    """A region's colour on a flat frame whose map has its level."""
    share = 0.7 * grey / 255
    return tuple(grey * (1 - share) + tint * share for tint in TINT)


@pytest.mark.req("R62")
def test_an_explanation_lies_over_its_own_picture_alone(page: Any) -> None:
    feed = ViewFeed()
    with served(feed) as server:
        page.goto(server.url)
        with frames_of(feed, with_map, flat):
            reads(page, "FLAG")
            (outside, inside) = levels_at(page, OUTSIDE, INSIDE)
            assert outside == inside  # nobody has asked
            page.keyboard.press("e")
            playwright.expect(page.locator("#tint")).to_contain_text("map of malignancy of frame")
            for _ in range(8):
                (outside, inside) = levels_at(page, OUTSIDE, INSIDE)
                assert inside == pytest.approx(tinted(outside[0]), abs=3)
            page.keyboard.press("Space")
            for _ in range(3):
                page.keyboard.press("ArrowLeft")
                (outside, inside) = levels_at(page, OUTSIDE, INSIDE)
                assert inside == pytest.approx(tinted(outside[0]), abs=3)


def test_where_there_is_nothing_to_explain_the_page_says_so(page: Any) -> None:
    feed = ViewFeed()
    with served(feed) as server:
        page.goto(server.url)
        tint = page.locator("#tint")
        page.keyboard.press("e")
        with frames_of(feed, analysed):
            playwright.expect(tint).to_contain_text("no map that could explain")
        with frames_of(feed, lambda i: replace(explained(i), regions=())):
            playwright.expect(tint).to_contain_text("has no region to explain")
        with frames_of(feed, not_analysed):
            playwright.expect(tint).to_contain_text("nothing to explain")
        page.keyboard.press("e")
        playwright.expect(tint).to_be_hidden()


def held_frame(page: Any) -> int:
    """The number of the frame that is held, by its words."""
    words = page.locator("#held").text_content()
    match = re.match(r"HELD: frame (\d+), .* before the newest: not live", words)
    assert match, words
    return int(match[1])


@pytest.mark.req("R64")
def test_one_steps_through_the_pictures_that_were_shown_and_none_reads_as_live(page: Any) -> None:
    feed = ViewFeed()
    with served(feed) as server:
        page.goto(server.url)
        with frames_of(feed, analysed, flat):
            reads(page, "ANALYSED")
            page.wait_for_timeout(1500)
            page.keyboard.press("ArrowLeft")
            last = held_frame(page)
            for key, step in (("ArrowLeft", -1), ("ArrowLeft", -1), ("ArrowRight", 1)):
                page.keyboard.press(key)
                number = held_frame(page)
                # A slow machine may have drawn fewer than were sent.
                assert (number - last) * step > 0
                assert levels_at(page, OUTSIDE) == [(level(number),) * 3]
                last = number
            page.locator("#back").click()
            assert held_frame(page) < last
            page.keyboard.press("End")
            assert held_frame(page) > last
        server.close("the source has ended")
        reads(page, "LOST")
        page.keyboard.press("Home")
        first = held_frame(page)
        assert first < last
        assert levels_at(page, OUTSIDE) == [(level(first),) * 3]
        page.keyboard.press("ArrowLeft")
        assert held_frame(page) == first


def test_a_picture_with_colour_is_shown_in_colour(page: Any) -> None:
    colour = (10, 90, 200)
    feed = ViewFeed()
    with served(feed) as server:
        page.goto(server.url)
        pixels = np.full((120, 160, 3), colour, np.uint8)
        with frames_of(feed, analysed, lambda number: Frame(pixels=pixels)):
            reads(page, "ANALYSED")
            assert levels_at(page, OUTSIDE, INSIDE) == [colour, colour]


KEPT = """async () => {
  const { Cine } = await import("/cine.js");
  const cine = new Cine(), size = 1 << 20;
  const picture = (number) => ({ number, bytes: size });
  for (let i = 0; i < 200; i++) cine.add(picture(i), null);
  const held = cine.step(cine.kept[0], 10);
  for (let i = 200; i < 400; i++) cine.add(picture(i), held);
  return [cine.bytes / size, cine.kept.length, held.number, cine.kept[0].number,
    cine.kept[95].number, cine.step(held, -1).number, cine.step(held, 1).number];
}"""


def test_what_is_kept_is_bounded_and_a_held_picture_is_never_dropped(page: Any) -> None:
    with served(ViewFeed()) as server:
        page.goto(server.url)
        # 96 MiB of 1 MiB each: 104 to 199. Held is 114: what comes goes, once it is the oldest.
        assert page.evaluate(KEPT) == [96, 96, 114, 114, 209, 114, 115]


def test_a_line_is_drawn_within_its_region(page: Any) -> None:
    line = Line(ends_px=((45, 54.5), (95, 54.5)), angle_deg=0.0, length_px=50.0, length_mm=12.5)

    def lined(number: int) -> Analysed:
        result = analysed(number)
        return replace(result, regions=(replace(result.regions[0], line=line),))

    feed = ViewFeed()
    with served(feed) as server:
        page.goto(server.url)
        with frames_of(feed, lined, flat):
            reads(page, "ANALYSED")
            (outside, on_line) = levels_at(page, OUTSIDE, INSIDE)
            assert on_line == pytest.approx((77, 216, 255), abs=45)  # yellow, its edge smoothed
            assert outside != on_line
