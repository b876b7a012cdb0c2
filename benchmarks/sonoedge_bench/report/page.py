"""A document as one HTML file: no network, no scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import Final

from sonoedge_bench.document import Document
from sonoedge_bench.report.comparison import comparison_table
from sonoedge_bench.report.facts import facts, target_lines
from sonoedge_bench.report.figures import figures
from sonoedge_bench.report.hints import hints
from sonoedge_bench.report.tables import tables
from sonoedge_bench.report.text_table import TextTable

WARNING: Final = ' class="warning"'


def html_text(document: Document) -> str:
    """The text of the file."""
    title = f"{document.model.name}: {document.mode}"
    style = (files("sonoedge_bench.report") / "page.css").read_text(encoding="utf-8")
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{style}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            *_head(document),
            *(_table(t) for t in tables(document)),
            *(f'<p class="note">{escape(line)}</p>' for line in hints(document)),
            *_comparison(document),
            *figures(document),
            '<p class="foot">Made by sonoedge bench. For research and engineering; '
            "not for diagnosis.</p></body></html>\n",
        ]
    )


def _head(document: Document) -> Iterator[str]:
    if document.target is not None:
        style = "bad" if document.target.failures else "good"
        lines = "<br>".join(escape(line) for line in target_lines(document))
        yield f'<p class="{style}">{lines}</p>'
    if not document.complete:
        yield f'<p class="bad">Not complete: {escape(document.stop_reason)}</p>'
    rows = "".join(
        f"<tr{WARNING if name.isupper() else ''}>"
        f"<th>{escape(name)}</th><td>{escape(text)}</td></tr>"
        for name, text in facts(document)
    )
    yield "<details open><summary>Setup and conditions</summary>"
    yield f'<table class="facts">{rows}</table></details>'


def _comparison(document: Document) -> Iterator[str]:
    result = document.comparison
    if result is None:
        return
    yield _table(comparison_table(result, "the baseline", "this run"))
    for line in (*result.warnings, *result.failures):
        yield f'<p class="bad">{escape(line)}</p>'


def _table(table: TextTable) -> str:
    styles = [' class="text"' if name in table.text_columns else "" for name in table.head]
    head = _cells("th", table.head, styles)
    body = "".join(f"<tr>{_cells('td', row, styles)}</tr>" for row in table.rows)
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return (
        f"<h2>{escape(table.title)}</h2><div class='wide'><table class='figures'><thead><tr>{head}"
        f"</tr></thead><tbody>{body}</tbody></table></div>{note}"
    )


def _cells(tag: str, texts: Sequence[str], styles: Sequence[str]) -> str:
    pairs = zip(texts, styles, strict=True)
    return "".join(f"<{tag}{style}>{escape(text)}</{tag}>" for text, style in pairs)
