"""A document as Markdown."""

from __future__ import annotations

from sonoedge_bench.document import Document
from sonoedge_bench.report.comparison import comparison_table
from sonoedge_bench.report.facts import facts, target_lines
from sonoedge_bench.report.hints import hints
from sonoedge_bench.report.tables import tables
from sonoedge_bench.report.text_table import TextTable


def markdown_text(document: Document) -> str:
    """Facts as a list, then the tables."""
    parts = [f"# {document.model.name}: {document.mode}", ""]
    parts += [f"- **{name}**: {text}" for name, text in facts(document)]
    if document.target is not None:
        first, *rest = target_lines(document)
        parts += ["", f"**{first}**", "", *(f"- {line.strip()}" for line in rest)]
    for table in tables(document):
        parts += ["", *markdown_table(table)]
    if lines := hints(document):
        parts += ["", *(f"- {line}" for line in lines)]
    if document.comparison is not None:
        table = comparison_table(document.comparison, "the baseline", "this run")
        parts += ["", *markdown_table(table)]
    return "\n".join(parts) + "\n"


def markdown_table(table: TextTable) -> list[str]:
    """Heading, table and note."""
    lines = [f"## {table.title}", "", _row(table.head)]
    rules = ("---" if name in table.text_columns else "---:" for name in table.head[1:])
    lines.append("|---|" + "".join(f"{rule}|" for rule in rules))
    lines += [_row(row) for row in table.rows]
    return [*lines, "", table.note] if table.note else lines


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
