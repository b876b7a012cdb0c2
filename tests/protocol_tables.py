"""The protocol's tables as Markdown, from the one table in `sonoedge.service.protocol`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum

from sonoedge.reason_numbers import REASONS
from sonoedge.service import protocol
from sonoedge.service.codes import STATES, Refusal
from sonoedge.service.protocol import FROM_CLIENT, FROM_SERVICE, PAGE, Layout

TYPES: Mapping[str, str] = {
    "I": "uint32",
    "H": "uint16",
    "Q": "uint64",
    "q": "int64",
    "d": "float64",
    "4i": "int32 x 4",
    "3H": "uint16 x 3",
}
BOUNDS = (
    "MAX_MESSAGE",
    "MAX_SIDE",
    "MAX_REGIONS",
    "MAX_POINTS",
    "MAX_LABELS",
    "MAX_REASONS",
    "MAX_TEXT",
    "SLOTS",
    "SLOT_BYTES",
    "PAGE_BYTES",
    "MAX_CLIENTS",
)


def markdown() -> str:
    """Every table, as it stands at the end of docs/reference/protocol.md."""
    parts = ["## Bounds", table(("name", "value"), ((n, getattr(protocol, n)) for n in BOUNDS))]
    for title, layouts in (("client", FROM_CLIENT), ("service", FROM_SERVICE)):
        parts.append(f"## Messages of the {title}")
        for layout in layouts:
            parts += (f"### {layout.name}", f"{layout.size} bytes: {layout.meaning}.", rows(layout))
    words = ((offset, "int64", name, meaning) for name, (offset, meaning) in PAGE.items())
    parts += ("## The page", table(("offset", "type", "word", "meaning"), words))
    states = ((number, state.value) for state, number in STATES.items())
    parts += ("## States", table(("number", "state"), states))
    parts += ("## Refusals", numbered("refusal", Refusal))
    reasons = ((number, reason.value) for reason, number in REASONS.items())
    parts += ("## Reasons", table(("number", "reason"), reasons))
    return "\n\n".join(parts) + "\n"


def rows(layout: Layout) -> str:
    """A message's fields."""
    fields = (
        (layout.offsets[field.name], TYPES[field.code], field.name, field.meaning)
        for field in layout.fields
    )
    return table(("offset", "type", "field", "meaning"), fields)


def numbered(title: str, members: type[IntEnum]) -> str:
    """An enumeration."""
    return table(("number", title), ((member.value, member.name) for member in members))


def table(head: tuple[str, ...], body: Iterable[tuple[object, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *body]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
