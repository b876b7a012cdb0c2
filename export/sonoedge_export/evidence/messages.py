"""Every token that a user can meet, its cause and its remedy, from the guide that lists them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sonoedge.errors import InvalidData

_SECTION: Final = re.compile(r"^## (.*)$", re.MULTILINE)
_ENTRY: Final = re.compile(r"^### `(\w+)`$", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_PARTS: Final = re.compile(r"\*\*Cause\.\*\* (.*?)\*\*Remedy\.\*\* (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One token.

    Attributes:
        kind: the section that it stands in, such as "Reasons of a frame".
        remedy: what its reader shall do.
    """

    kind: str
    token: str
    cause: str
    remedy: str


def parse_messages(data: bytes, name: str) -> tuple[Message, ...]:
    """Read the guide: sections of entries with a cause and a remedy, or of tables with both.

    Raises:
        InvalidData: it is no such guide, or an entry lacks one of them.
    """
    try:
        parts = _SECTION.split(data.decode("utf-8"))[1:]
    except UnicodeDecodeError:
        raise InvalidData(f"{name} is no UTF-8 text") from None
    messages: list[Message] = []
    for kind, section in zip(parts[::2], parts[1::2], strict=True):
        messages += _entries(kind, section, name)
        messages += _rows(kind, section, name)
    if not messages:
        raise InvalidData(f"{name} holds no token with a cause and a remedy")
    return tuple(messages)


def _entries(kind: str, section: str, name: str) -> list[Message]:
    parts = _ENTRY.split(section)[1:]
    messages = []
    for token, body in zip(parts[::2], parts[1::2], strict=True):
        both = _PARTS.search(body)
        if both is None:
            raise InvalidData(f"{name}: {token} has no cause and remedy")
        cause, remedy = both.groups()
        messages.append(Message(kind=kind, token=token, cause=_plain(cause), remedy=_plain(remedy)))
    return messages


def _rows(kind: str, section: str, name: str) -> list[Message]:
    messages = []
    for line in section.splitlines():
        if not line.startswith("| `"):
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) != 3:
            raise InvalidData(
                f"{name}: the row {line[:60]!r} has not a token, a cause and a remedy"
            )
        token, cause, remedy = cells
        messages.append(
            Message(kind=kind, token=token.strip("`"), cause=_plain(cause), remedy=_plain(remedy))
        )
    return messages


def _plain(markdown: str) -> str:
    """Text without links and marks, in one line."""
    return " ".join(_LINK.sub(r"\1", markdown).replace("`", "").replace("**", "").split())
