"""Tables between two marks of a page, put in the place of those before."""

from __future__ import annotations

from sonoedge.errors import InvalidData

BEGIN, END = "<!-- table: {} -->", "<!-- table ends -->"


def replaced(page: str, name: str, lines: str) -> str:
    """The page with other text between a table's marks.

    Args:
        lines: Markdown.

    Raises:
        InvalidData: the page does not have the marks, once, one behind the other.
    """
    begin = BEGIN.format(name)
    before, mark, rest = page.partition(begin)
    _, end, after = rest.partition(END)
    if not mark or not end or begin in rest:
        raise InvalidData(f"the page must have {begin} once, and {END} behind it")
    return f"{before}{begin}\n\n{lines.strip()}\n\n{END}{after}"


def as_section(report: str) -> str:
    """A report of `sonoedge bench --markdown` without its title, its headings as bold lines."""
    lines = []
    for line in report.splitlines():
        if line.startswith("# "):
            continue
        lines.append(f"**{line.removeprefix('## ')}**" if line.startswith("## ") else line)
    return "\n".join(lines).strip()
