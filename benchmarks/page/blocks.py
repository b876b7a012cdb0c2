"""Tables between two marks of a page, put in the place of those before."""

from __future__ import annotations

import re
from typing import Final

from sonoedge.errors import InvalidData

BEGIN, END = "<!-- table: {} -->", "<!-- table ends -->"
KERNEL: Final = re.compile(r", kernel \S+")


def replaced(page: str, name: str, lines: str) -> str:
    """The page with other text between a table's marks.

    Args:
        lines: Markdown.

    Raises:
        InvalidData: the page does not have the marks, once, one behind the other.
    """
    begin = BEGIN.format(name)
    text = lines.strip("\n")  # a command begins with four spaces
    before, mark, rest = page.partition(begin)
    _, end, after = rest.partition(END)
    if not mark or not end or begin in rest:
        raise InvalidData(f"the page must have {begin} once, and {END} behind it")
    return f"{before}{begin}\n\n{text}\n\n{END}{after}"


def as_section(report: str) -> str:
    """A report of `sonoedge bench --markdown` for a page.

    Its title and its machine's kernel, which may be its host's own build, are left out, and its
    headings are bold lines.
    """
    lines = []
    for line in KERNEL.sub("", report).splitlines():
        if line.startswith("# "):
            continue
        lines.append(f"**{line.removeprefix('## ')}**" if line.startswith("## ") else line)
    return "\n".join(lines).strip()
