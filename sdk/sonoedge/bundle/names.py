"""Which names and texts a bundle may hold: they are printed, and become parts of paths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sonoedge.errors import InvalidSettings

MOST_SECURITY_VERSION: Final = (1 << 31) - 1
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")
# Control characters, separators of lines, halves of surrogate pairs, and marks that turn the
# direction of writing, so that the text shown is not the text that is there (Boucher and
# Anderson, "Trojan Source", USENIX Security 2023).
_HIDDEN: Final = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
# Beyond those, what a label must not hold, as it is not seen or looks like something else: blanks
# of other widths, soft hyphens, marks without width, private use, tags. A fixed list: what
# `str.isprintable` says depends on the Unicode version of a Python.
_UNSHOWN: Final = re.compile(
    "[\\xa0\\xad\\u1680\\u180e\\u2000-\\u200d\\u202f\\u205f-\\u206f\\u3000\\ue000-\\uf8ff\\ufeff"
    "\\ufff9-\\ufffb\\U000e0000-\\U000e007f\\U000f0000-\\U0010ffff]"
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


def check_text(value: object, where: str, *, allowed: str = "\n\t") -> None:
    """Refuse text, however deep in lists and tables, that a terminal would act on.

    Args:
        where: what it is, for the message.
        allowed: the control characters that a text may hold; the key of a table holds none.

    Raises:
        InvalidSettings: it holds another control character, or a mark that turns the direction
            of writing.
    """
    if isinstance(value, str):
        for match in _HIDDEN.finditer(value):
            if match[0] not in allowed:
                raise InvalidSettings(
                    f"{where} holds the character U+{ord(match[0]):04X}, which is not shown; "
                    "remove it"
                )
    elif isinstance(value, Mapping):
        for key, item in value.items():
            check_text(key, f"a key of {where}", allowed="")
            check_text(item, f"{where}.{key}"[:200])
    elif isinstance(value, list | tuple):
        for item in value:
            check_text(item, where)


def check_label(label: str) -> None:
    """Refuse a class's name that cannot be shown as it is.

    Raises:
        InvalidSettings: it has not 1 to 64 characters, or some of them are not seen.
    """
    if not 1 <= len(label) <= 64 or _HIDDEN.search(label) or _UNSHOWN.search(label):
        raise InvalidSettings(
            f"postprocess.labels: {label[:80]!r} is not 1 to 64 characters that are shown"
        )


def printable(text: str) -> str:
    """Text for one line of a terminal: what would act there is written as its escape."""
    return _HIDDEN.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def check_security_version(value: int) -> None:
    """Refuse a security version that no floor could be compared with.

    Raises:
        InvalidSettings: it is negative or does not fit into 31 bits.
    """
    if not 0 <= value <= MOST_SECURITY_VERSION:
        raise InvalidSettings(f"security_version must be 0 to {MOST_SECURITY_VERSION}, not {value}")
