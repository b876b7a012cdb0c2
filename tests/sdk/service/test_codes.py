from __future__ import annotations

import re
from enum import IntEnum
from pathlib import Path

import pytest

from sonoedge.analysis import Reason
from sonoedge.reason_numbers import REASONS
from sonoedge.service.codes import STATES, FrameFlag, RegionFlag
from sonoedge.session.states import State


def c_table(repository: Path, name: str) -> list[str]:
    """The words of one of the C library's tables, in their order."""
    text = (repository / "sdk/c/common/words.c").read_text()
    found = re.search(rf"{name}\[\] = {{(.*?)}};", text, re.DOTALL)
    assert found is not None
    return re.findall(r'"(\w+)"', found[1])


def defined(repository: Path, pattern: str) -> dict[str, int]:
    """The header's constants that match, by the part of the name in the pattern's group."""
    text = (repository / "sdk/c/sonoedge.h").read_text()
    return {name: int(value) for name, value in re.findall(pattern, text)}


def test_every_state_and_reason_has_its_number_in_both_languages(repository: Path) -> None:
    assert set(STATES) == set(State)
    assert set(REASONS) == set(Reason)
    assert c_table(repository, "STATES") == [state.value for state in STATES]
    assert list(STATES.values()) == list(range(len(STATES)))
    assert c_table(repository, "REASONS") == [reason.value for reason in REASONS]
    assert list(REASONS.values()) == list(range(1, len(REASONS) + 1))


def test_the_headers_states_have_the_same_numbers(repository: Path) -> None:
    names = "|".join(state.value for state in State)
    found = defined(repository, rf"SONOEDGE_({names}) = (\d+)")
    assert found == {state.value: number for state, number in STATES.items()}


@pytest.mark.parametrize(
    ("prefix", "flags"), [("SONOEDGE_FRAME", FrameFlag), ("SONOEDGE_REGION", RegionFlag)]
)
def test_the_headers_flags_have_the_same_bits(
    repository: Path, prefix: str, flags: type[IntEnum]
) -> None:
    found = defined(repository, rf"#define {prefix}_(\w+) (\d+)u")
    assert found == {flag.name: flag.value for flag in flags}


def test_the_errors_words_stand_in_the_headers_order(repository: Path) -> None:
    found = defined(repository, r"SONOEDGE_(?:ERROR_)?(\w+) = (\d+),?\s")
    errors = c_table(repository, "ERRORS")
    assert [found[name] for name in errors] == list(range(len(errors)))
