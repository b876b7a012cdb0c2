from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from sonoedge_bench.report.page import html_text
from sonoedge_bench.report.tables import tables

MODES = ["closed", "paced", "beside", "cold", "soak", "sweep"]


class Reader(HTMLParser):
    """Checks that elements are closed in order; keeps what the page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.count: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("mode", MODES)
def test_the_page_is_one_sound_file_that_loads_nothing(a_document: Any, mode: str) -> None:
    page, reader = html_text(a_document(mode)), Reader()
    reader.feed(page)
    assert reader.open == []
    assert reader.loads == []
    assert "<script" not in page
    assert "url(" not in page
    assert not any("nan" in path for path in re.findall(r'points="([^"]*)"', page))
    assert reader.count["svg"] >= 1
    assert "&lt;b&gt;processor&lt;/b&gt;" in page


def test_a_warning_stands_out(a_document: Any) -> None:
    document = dataclasses.replace(a_document("paced"), complete=False, stop_reason="interrupted")
    page = html_text(document)
    assert '<tr class="warning"><th>NOT COMPLETE</th>' in page
    assert '<tr class="warning"><th>bundle</th>' not in page


def test_the_time_line_marks_every_miss(a_document: Any) -> None:
    page = html_text(a_document("paced"))
    assert page.count("ms, late</title>") == 3
    assert page.count("frame 400: superseded</title>") == 1
    assert "deadline 33.3 ms" in page


def test_a_sweep_has_a_front_for_each_pace(a_document: Any, a_run: Any) -> None:
    runs = [
        a_run("sweep", threads=threads, scale=scale, fps=fps)
        for fps in (15.0, 30.0)
        for threads, scale in ((1, 1.0), (2, 2.0))
    ]
    document = a_document("sweep", *runs)
    page = html_text(document)
    assert "Age against cost, 15 frames per second" in page
    assert "Age against cost, 30 frames per second" in page
    (swept, *_) = tables(document)
    assert [row[0][0] for row in swept.rows] == ["*", "*", "*", "*"]  # slower, but cheaper
    dear = dataclasses.replace(runs[1].cost, cpu_ms_per_frame=99.0)
    runs[1] = dataclasses.replace(runs[1], cost=dear)
    (swept, *_) = tables(a_document("sweep", *runs))
    assert [row[0][0] for row in swept.rows] == ["*", " ", "*", "*"]
