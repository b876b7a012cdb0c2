"""How values are written; each form refuses what is not of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Form: TypeAlias = Callable[[Any], str]


def text(value: Any) -> str:
    """Text as it is, in one line."""
    if not isinstance(value, str):
        raise TypeError("text")
    return " ".join(value.split()) or '""'


def remark(value: Any) -> str:
    """Text that may be empty, which says that there is nothing to remark."""
    return "none" if value == "" else text(value)


def integer(value: Any) -> str:
    """A whole number, its thousands apart."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a whole number")
    return f"{value:,}"


def number(value: Any) -> str:
    """A number in four significant digits; a whole one as it is."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _float(value)


def share(value: Any) -> str:
    """A share or a score, 0 to 1, in three decimals."""
    return f"{_number(value):.3f}"


def percent(value: Any) -> str:
    """A share, 0 to 1, in percent, never rounded up to 100 %."""
    part = _number(value)
    return f"{min(part * 100, 99.9) if part < 1 else 100:.1f} %"


def milliseconds(value: Any) -> str:
    """Milliseconds in four significant digits."""
    return f"{_number(value):.4g} ms"


def yes_no(value: Any) -> str:
    """True or false."""
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return "yes" if value else "no"


def digest(value: Any) -> str:
    """A SHA-256, in full."""
    return text(value)


def words(value: Any) -> str:
    """A list of plain values, or of pairs of names and values."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {scalar(item)}" for key, item in value.items()) or "none"
    if not isinstance(value, list):
        raise TypeError("a list")
    return ", ".join(scalar(item) for item in value) or "none"


def scalar(value: Any) -> str:
    """Any plain value."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list | Mapping):
        return words(value)
    return text(value)


def interval(value: Any) -> str:
    """Both ends of an interval."""
    if not isinstance(value, list) or len(value) != 2:
        raise TypeError("an interval")
    return f"{_number(value[0]):.3f} to {_number(value[1]):.3f}"


def _float(value: Any) -> str:
    return f"{_number(value):.4g}"


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number")
    return float(value)
