"""The page fits from a phone to a large screen, and a reader of screens finds its way."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

pytest.importorskip("websockets", reason="needs the extra view")
playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")

from sonoedge.view.feed import ViewFeed  # noqa: E402
from view_browser import frames_of, reads  # noqa: E402
from view_samples import analysed, explained, not_analysed, served  # noqa: E402

SIZES = [(360, 740), (740, 360), (768, 1024), (800, 480), (1280, 800), (1920, 1080)]
PARTS = ("#banner", "#held", "#stage", "#tint", "#buttons", "aside", "footer")


def boxes(page: Any, names: tuple[str, ...]) -> dict[str, tuple[float, ...]]:
    """(left, top, right, bottom) of each part."""
    found = {name: page.locator(name).bounding_box() for name in names}
    return {
        n: (b["x"], b["y"], b["x"] + b["width"], b["y"] + b["height"]) for n, b in found.items()
    }


@pytest.mark.parametrize("size", SIZES)
def test_nothing_overlaps_or_leaves_the_screen_sideways(page: Any, size: tuple[int, int]) -> None:
    feed = ViewFeed()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    with served(feed) as server:
        page.goto(server.url)
        with frames_of(feed, explained):
            reads(page, "FLAG")
            page.keyboard.press("Space")
            page.keyboard.press("e")
            playwright.expect(page.locator("#tint")).to_be_visible()
            parts = boxes(page, PARTS)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    for (one, a), (two, b) in itertools.combinations(parts.items(), 2):
        apart = a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
        assert apart, (one, two)
    for name in ("#banner", "#held", "#stage", "#tint", "#buttons"):
        assert parts[name][3] <= size[1] + 1, name
    assert parts["#stage"][3] - parts["#stage"][1] >= size[1] / 5
    assert page.evaluate("[...document.images].length") == 0


@pytest.mark.parametrize("size", SIZES)
def test_a_finger_finds_the_buttons_and_they_hold_their_words(
    page: Any, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    with served(ViewFeed()) as server:
        page.goto(server.url)
        for button in page.locator("#buttons button").all():
            box = button.bounding_box()
            assert min(box["width"], box["height"]) >= 44
            assert button.evaluate("b => b.scrollWidth <= b.clientWidth")
        page.keyboard.press("?")
        playwright.expect(page.locator("#help")).to_be_visible()
        left, top, right, bottom = boxes(page, ("#help",))["#help"]
        assert left >= 0 <= top
        assert right <= size[0]
        assert bottom <= size[1]
        page.keyboard.press("Escape")
        playwright.expect(page.locator("#help")).to_be_hidden()


def test_every_button_is_reached_and_pressed_by_the_keyboard_alone(page: Any) -> None:
    feed = ViewFeed()
    with served(feed) as server:
        page.goto(server.url)
        with frames_of(feed, explained):
            reads(page, "FLAG")
            for name in ("back", "hold", "forward", "explain", "ask"):
                page.keyboard.press("Tab")
                playwright.expect(page.locator(f"#{name}")).to_be_focused()
                if name in ("hold", "explain"):
                    pressed = page.locator(f"#{name}").get_attribute("aria-pressed")
                    page.keyboard.press("Space")
                    other = "false" if pressed == "true" else "true"
                    playwright.expect(page.locator(f"#{name}")).to_have_attribute(
                        "aria-pressed", other
                    )
            page.keyboard.press("Enter")
            playwright.expect(page.locator("#help")).to_be_visible()


def violations(page: Any, state: str) -> list[str]:
    """What axe finds, each with the state in which it does."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
    found = axe.Axe().run(page).response["violations"]
    return [f"{state}: {v['id']}: {[n['target'] for n in v['nodes']]}" for v in found]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_no_violation(page: Any, scheme: str) -> None:
    feed = ViewFeed()
    page.emulate_media(color_scheme=scheme)
    found = []
    with served(feed) as server:
        page.goto(server.url)
        reads(page, "WAITING")
        found += violations(page, "waiting")
        with frames_of(feed, lambda i: analysed(i, found=False)):
            reads(page, "ANALYSED")
            found += violations(page, "nothing found")
        with frames_of(feed, not_analysed):
            reads(page, "NOT ANALYSED")
            found += violations(page, "not analysed")
        with frames_of(feed, explained):
            reads(page, "FLAG")
            found += violations(page, "flag")
            page.keyboard.press("Space")
            page.keyboard.press("e")
            found += violations(page, "held and explained")
            page.set_viewport_size({"width": 360, "height": 740})
            found += violations(page, "held, on a phone")
            page.keyboard.press("Space")
        reads(page, "STALE")
        found += violations(page, "stale")
        server.close("the source has ended")
        reads(page, "LOST")
        found += violations(page, "lost")
        page.keyboard.press("?")
        found += violations(page, "help")
    assert found == []
