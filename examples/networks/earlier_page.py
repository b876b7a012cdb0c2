"""A run of some networks leaves the page's other networks as they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

NOTES = ("Machine", "Not pruned", "Not timed")  # what begins a paragraph about one run
ROW = re.compile(r"(?:\| (?P<cell>.+?) \|.*|- (?P<item>.+), (?:unpruned|three|pruned), .*)")


def merged(earlier: str, page: str, titles: Collection[str], made: Collection[str]) -> str:
    """The earlier page with a new page's lines for the networks that were made.

    Args:
        earlier: the page as it stands.
        page: a page about the networks `made` alone.
        titles: of all networks, in their order in every table.
        made: titles of the networks that the new page is about.
    """
    order = {title: place for place, title in enumerate(titles)}
    new = dict(_sections(page))
    parts = []
    for heading, lines in _sections(earlier):
        kept = [line for line in lines if _title(line, order) not in made]
        added = [line for line in new.get(heading, []) if _title(line, order) in made]
        notes = [n for n in new.get(heading, []) if n.startswith(NOTES) and n not in kept]
        parts += [*([heading] if heading else []), *_placed(kept, added, notes, order)]
    return "\n".join(parts) + "\n"


def _sections(page: str) -> list[tuple[str, list[str]]]:
    sections: list[tuple[str, list[str]]] = [("", [])]
    for line in page.rstrip("\n").split("\n"):
        if line.startswith("## "):
            sections.append((line, []))
        else:
            sections[-1][1].append(line)
    return sections


def _title(line: str, order: Mapping[str, int]) -> str | None:
    """The network that a table's row or a list's item is about."""
    row = ROW.fullmatch(line)
    title = row and (row["cell"] or row["item"])
    return title if title in order else None


def _placed(
    kept: list[str], added: list[str], notes: list[str], order: Mapping[str, int]
) -> list[str]:
    """Rows in the networks' order where the section's rows stand; notes behind its own."""
    at = [i for i, line in enumerate(kept) if _title(line, order) is not None]
    rows = sorted([kept[i] for i in at] + added, key=lambda line: order[_title(line, order) or ""])
    placed = kept if not at else [*kept[: at[0]], *rows, *kept[at[-1] + 1 :]]
    if notes:
        # Behind the section's own notes; where it has none, behind its last line of text.
        ends = [i for i, line in enumerate(placed) if line.startswith(NOTES)]
        texts = [i for i, line in enumerate(placed) if line]
        place = max(ends or texts) + 1
        placed = [
            *placed[:place],
            *(line for note in notes for line in ("", note)),
            *placed[place:],
        ]
    return placed
