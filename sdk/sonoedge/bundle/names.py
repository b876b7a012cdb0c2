"""Which names and texts a bundle may hold: they are printed, and become parts of paths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from sonoedge.errors import InvalidSettings

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")
# Marks that turn the direction of what follows: the text shown is not the text that is there
# (Boucher and Anderson, "Trojan Source", 2023).
_TURNING: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def check_name(key: str, name: str) -> None:
    """Refuse what cannot be a part of a file's name on every system.

    Args:
        key: where it stands, for the message.

    Raises:
        InvalidSettings: it is not 1 to 64 of A-Z, a-z, 0-9, "_", ".", "+" and "-", the first
            a letter, a digit or "_".
    """
    if not _NAME.fullmatch(name):
        raise InvalidSettings(
            f"{key} is {name[:80]!r}; allowed are 1 to 64 letters, digits and _ . + -, beginning "
            "with a letter, a digit or _"
        )


def check_text(value: object, where: str) -> None:
    """Refuse text, however deep in lists and tables, that a terminal would act on.

    Raises:
        InvalidSettings: it holds a control character other than a line break or tab, or a mark
            that turns the direction of writing.
    """
    if isinstance(value, str):
        for character in value:
            if is_hidden(character) and character not in "\n\t":
                raise InvalidSettings(
                    f"{where} holds the character U+{ord(character):04X}, which is not shown; "
                    "remove it"
                )
    elif isinstance(value, Mapping):
        for key, item in value.items():
            check_text(key, f"a key of {where}")
            check_text(item, f"{where}.{key}"[:200])
    elif isinstance(value, list | tuple):
        for item in value:
            check_text(item, where)


def is_hidden(character: str) -> bool:
    """Whether a character is not shown but acts: control characters, breaks, turned writing."""
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _TURNING


def printable(text: str) -> str:
    """Text for one line of a terminal: what would act there is written as its escape."""
    return "".join(c.encode("unicode_escape").decode() if is_hidden(c) else c for c in text)
