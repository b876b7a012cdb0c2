from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from sonoedge_export.evidence.cells import NotProvided, Row, Section, Source, Table, Value
from sonoedge_export.evidence.page import HEADING, html_text

HOSTILE = '<script>alert("x")</script> & \'"'
FETCHED = {"script", "link", "img", "iframe", "source", "video", "embed", "object", "audio", "base"}


class Tags(HTMLParser):
    """Every tag, in order, and whether all that open close again."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in ("meta", "br", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(text: str = HOSTILE) -> str:
    source = Source(file=text, keys=(text, f"{text}.b"))
    cell = Value(text=text, value=text, source=source, detail=text)
    rows = (Row(cells=(cell, NotProvided(source=source), cell), mark="fail"),)
    table = Table(name=text, title=text, columns=(text, "b", "c"), rows=rows, note=text)
    empty = Section(name="empty", title="Empty", tables=(), absent=text)
    sections = (Section(name=text, title=text, tables=(table,)), empty)
    return html_text(text, text, sections)


def test_hostile_text_is_shown_and_runs_nowhere() -> None:
    parser = Tags()
    parser.feed(page())
    assert "script" not in parser.tags
    assert parser.open == []
    assert [a for a in parser.attributes if a.startswith("on")] == []
    assert "&lt;script&gt;" in page()


def test_a_page_fetches_nothing() -> None:
    parser = Tags()
    text = page("plain")
    parser.feed(text)
    assert FETCHED & set(parser.tags) == set()
    assert {"src", "srcset", "background"} & set(parser.attributes) == set()
    assert re.search(r"https?:|url\(|@import", text) is None


def test_what_is_absent_is_told_and_rows_are_marked_by_class_and_by_word() -> None:
    text = page("plain")
    assert "<em>not provided</em>" in text
    assert '<tr class="fail">' in text
    assert '<a href="#empty">Empty</a> <em>not provided</em>' in text


def test_lines_of_one_cell_stand_apart() -> None:
    assert "<div>one</div><div>two</div>" in page("one\ntwo")


def test_every_page_says_that_it_claims_no_conformity() -> None:
    assert page("plain").count(escape(HEADING)) == 2
    assert "Claims no conformity" in page("plain")  # in the margin of each printed page
