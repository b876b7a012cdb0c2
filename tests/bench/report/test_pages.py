"""Terminal, Markdown, CSV and HTML of one document."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from rich.console import Console

from sonoedge_bench.report.as_csv import csv_text
from sonoedge_bench.report.markdown import markdown_text
from sonoedge_bench.report.page import html_text
from sonoedge_bench.report.tables import tables
from sonoedge_bench.report.terminal import print_document

MODES = ["closed", "paced", "cold", "soak", "sweep"]


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


def printed(document: Any, width: int = 200) -> str:
    out = io.StringIO()
    print_document(document, Console(file=out, width=width))
    return out.getvalue()


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
    assert "age against cost, 15 frames per second" in page
    assert "age against cost, 30 frames per second" in page
    (swept, *_) = tables(document)
    assert [row[0][0] for row in swept.rows] == ["*", "*", "*", "*"]  # slower, but cheaper
    runs[1]["cost"]["cpu_ms_per_frame"] = 99.0
    (swept, *_) = tables(document)
    assert [row[0][0] for row in swept.rows] == ["*", " ", "*", "*"]


@pytest.mark.parametrize("mode", MODES)
def test_terminal_and_markdown_have_the_same_tables(a_document: Any, mode: str) -> None:
    document = a_document(mode)
    terminal, markdown = printed(document), markdown_text(document)
    for table in tables(document):
        assert table.title in terminal
        assert f"## {table.title}" in markdown
        for row in table.rows:
            assert all(cell.strip() in markdown for cell in row)
    assert "tensorrt-fp16" in terminal
    assert "tensorrt-fp16" in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(rows) >= 3


def test_what_a_sample_cannot_know_says_how_much_it_needs(a_document: Any) -> None:
    said = printed(a_document("closed"))
    assert "n<2995" in said
    assert "n<299 " not in said


def test_an_unfinished_run_and_a_missed_target_are_loud(a_document: Any) -> None:
    limits = [
        {"variant": "v", "threads": 2, "fps": 30.0, "name": "age_p99_ms"}
        | {"value": 40.0, "limit": 33.3, "met": False, "why": ""}
    ]
    target = {"name": "x86", "title": "a box", "is_one": True, "differences": []}
    target |= {"definition": {}, "limits": limits, "failures": ["v: slow"]}
    document = a_document("paced") | {"complete": False, "ended": "interrupted", "target": target}
    for text in (printed(document), markdown_text(document), html_text(document)):
        assert "interrupted" in text
        assert "age_p99_ms: 40.00, allowed 33.30: MISSED" in text
    document["target"] = target | {"is_one": False, "differences": ["2 cores"], "limits": []}
    for text in (printed(document), markdown_text(document), html_text(document)):
        assert "NOT figures of x86" in text
        assert "2 cores" in text


def test_csv_has_a_line_per_run_and_figure_and_nothing_where_nothing_is_known(
    a_document: Any, a_run: Any
) -> None:
    document = a_document("paced", a_run("paced"), a_run("paced", threads=1))
    lines = list(csv.DictReader(io.StringIO(csv_text(document))))
    assert len(lines) == 2 * len(document["runs"][0]["figures"])
    (age,) = [e for e in lines if e["figure"] == "age_ms" and e["threads"] == "1"]
    summary = document["runs"][1]["figures"]["age_ms"]
    assert float(age["p50"]) == summary["p50"]["value"]
    assert float(age["p99_high"]) == summary["p99"]["high"]
    assert (age["n"], age["p999"]) == ("400", "")


def test_tables_are_readable_on_a_narrow_terminal(a_document: Any) -> None:
    for line in printed(a_document("paced"), width=100).splitlines():
        assert len(line) <= 100
