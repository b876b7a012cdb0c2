"""Times that a caller gives, checked before anything is started."""

from __future__ import annotations

from sonoedge.errors import InvalidSettings


def check_times(**values: object) -> None:
    """Refuse what is no time.

    Raises:
        InvalidSettings: the message names the argument.
    """
    for name, value in values.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and 0 < value < 1e9):  # type: ignore[operator]
            raise InvalidSettings(f"{name} must be a number above 0 and below 1e9, not {value!r}")
