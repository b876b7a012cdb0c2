from __future__ import annotations

import pytest

from sonoedge.foreign_error import describe_foreign


def test_the_type_and_the_place_are_told_and_not_the_text() -> None:
    with pytest.raises(ValueError) as raised:
        int("DOE^JANE")
    described = describe_foreign(raised.value)
    assert described.startswith("ValueError at test_foreign_error.py:")
    assert "DOE" not in described


def test_the_innermost_line_is_told() -> None:
    def inner() -> None:
        raise KeyError("DOE^JANE")

    with pytest.raises(KeyError) as raised:
        inner()
    line = inner.__code__.co_firstlineno + 1
    assert describe_foreign(raised.value) == f"KeyError at test_foreign_error.py:{line}"


def test_an_exception_that_was_not_raised_has_no_place() -> None:
    assert describe_foreign(ValueError("x")) == "ValueError"
