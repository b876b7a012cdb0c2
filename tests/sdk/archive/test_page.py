"""The page, as a browser shows it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sonoedge.archive.page import page
from sonoedge.archive.summary import Group, Summary, summarise
from sonoedge.drift.counts import Counts

CHROMIUM = "/usr/bin/chromium"
SCANNER = "<script>alert(1)</script>"


def test_whatever_a_scanner_is_called_is_text(screened: Path) -> None:
    summary = summarise(screened)
    summary.groups[SCANNER, "2026-01"] = Group(items=1)
    text = page(summary)
    assert SCANNER not in text
    assert "&lt;script&gt;" in text


def test_it_is_one_file_without_script_or_address(screened: Path) -> None:
    text = page(summarise(screened))
    assert not re.search(r"<script|<link|<img|\ssrc=|\shref=|url\(|@import|https?:", text)


def test_without_a_frame_there_is_a_page_all_the_same() -> None:
    text = page(Summary(identity={"bundle_id": "b", "variant": "v"}))
    assert "Flags" not in text
    assert Counts().frames == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chromium_shows_it_without_asking_anybody(
    screened: Path, tmp_path: Path, scheme: str
) -> None:
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if shutil.which(CHROMIUM) is None:
        pytest.skip("needs chromium")
    (tmp_path / "report.html").write_text(page(summarise(screened)))
    asked: list[str] = []
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": 400, "height": 800}, color_scheme=scheme)
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto((tmp_path / "report.html").as_uri())
        width = shown.evaluate("document.documentElement.scrollWidth")
        headings = shown.locator("h2").all_inner_texts()
        browser.close()
    assert asked == [(tmp_path / "report.html").as_uri()]
    assert width <= 400  # wide tables scroll by themselves
    assert headings[0] == "Flags"
    assert "Items that failed" in headings
