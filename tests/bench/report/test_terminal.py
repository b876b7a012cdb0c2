from __future__ import annotations

import dataclasses
import io
from typing import Any

import pytest
from rich.console import Console

from sonoedge_bench.document.target import LimitResult, TargetResult
from sonoedge_bench.report.markdown import markdown_text
from sonoedge_bench.report.page import html_text
from sonoedge_bench.report.tables import tables
from sonoedge_bench.report.terminal import print_document

MODES = ["closed", "paced", "beside", "cold", "soak", "sweep"]


def printed(document: Any, width: int = 200) -> str:
    out = io.StringIO()
    print_document(document, Console(file=out, width=width))
    return out.getvalue()


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
    limit = LimitResult(
        variant="v", threads=2, fps=30.0, name="age_p99_ms",
        value=40.0, limit=33.3, met=False, reason="",
    )  # fmt: skip
    target = TargetResult(
        name="x86", title="a box", matches=True, differences=(),
        definition={}, limits=(limit,), failures=("v: slow",),
    )  # fmt: skip
    document = dataclasses.replace(
        a_document("paced"), complete=False, stop_reason="interrupted", target=target
    )
    for text in (printed(document), markdown_text(document), html_text(document)):
        assert "interrupted" in text
        assert "age_p99_ms: 40.00, allowed 33.30: MISSED" in text
    target = dataclasses.replace(target, matches=False, differences=("2 cores",), limits=())
    document = dataclasses.replace(document, target=target)
    for text in (printed(document), markdown_text(document), html_text(document)):
        assert "NOT figures of x86" in text
        assert "2 cores" in text


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("mode", MODES)
def test_a_table_that_is_too_wide_shows_every_value_all_the_same(
    a_document: Any, a_run: Any, mode: str, width: int
) -> None:
    document = a_document(mode, a_run(mode), a_run(mode, threads=1))
    output = printed(document, width=width)
    assert all(len(line) <= width for line in output.splitlines())
    squeezed = "".join(output.split())
    for table in tables(document):
        for row in table.rows:
            assert all("".join(cell.split()) in squeezed for cell in row[1:])


def test_short_runs_say_what_would_be_long_enough(a_document: Any) -> None:
    assert "measure again with --frames 3003 or more" in printed(a_document("closed"))
