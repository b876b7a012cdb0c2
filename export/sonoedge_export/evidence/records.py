"""Requirements and hazards: two TOML files that people write, read strictly."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sonoedge.bundle.names import check_text
from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.settings import read

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")
_TEST: Final = re.compile(r"[\w./-]+\.py::\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What must hold.

    Attributes:
        id: such as "R5"; tests name it.
        text: one sentence.
        tests: those that verify it, as `tests/sdk/test_x.py::test_name`.
    """

    id: str
    text: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """requirements.toml."""

    requirement: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What makes a hazard less likely, or its harm smaller.

    Attributes:
        requirements: those that demand it.
        tests: those that verify it; may be empty where a requirement's do.
    """

    text: str
    requirements: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """How a device could mislead or fail its user.

    Attributes:
        id: such as "H3".
        hazard: what is wrong.
        situation: how it comes to that.
        harm: what may follow for a patient.
        control: what the SDK does against it.
        left_to_the_manufacturer: what it cannot do.
    """

    id: str
    hazard: str
    situation: str
    harm: str
    control: tuple[Control, ...]
    left_to_the_manufacturer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazards:
    """hazards.toml."""

    hazard: tuple[Hazard, ...]


def parse_requirements(data: bytes, name: str) -> Requirements:
    """Read requirements.

    Raises:
        InvalidData: the message names the key.
    """
    result = _parse(Requirements, data, name)
    _check_ids(name, (r.id for r in result.requirement))
    for requirement in result.requirement:
        _check_tests(name, requirement.id, requirement.tests)
    return result


def parse_hazards(data: bytes, name: str, requirements: Requirements | None) -> Hazards:
    """Read hazards.

    Args:
        requirements: those that controls may name; None where there are none.

    Raises:
        InvalidData: the message names the key.
    """
    result = _parse(Hazards, data, name)
    _check_ids(name, (h.id for h in result.hazard))
    known = {r.id for r in requirements.requirement} if requirements is not None else set()
    for hazard in result.hazard:
        if not hazard.control:
            raise InvalidData(f"{name}: {hazard.id} has no control")
        for control in hazard.control:
            _check_tests(name, hazard.id, control.tests)
            unknown = set(control.requirements) - known
            if unknown:
                raise InvalidData(
                    f"{name}: {hazard.id} names {', '.join(sorted(unknown))}, which the "
                    "requirements do not have"
                )
    return result


def _parse(cls: type[T], data: bytes, name: str) -> T:
    try:
        table: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidData(f"{name} is no TOML: {str(error)[:200]}") from None
    try:
        check_text(table, name)
        return read(cls, table)
    except InvalidSettings as error:
        raise InvalidData(f"{name}: {error}") from None


def _check_ids(name: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if not re.fullmatch(r"[A-Z]\d{1,4}", each):
            raise InvalidData(f"{name}: the id {each[:40]!r} is not a letter and a number, like R5")
        if each in seen:
            raise InvalidData(f"{name}: {each} stands twice")
        seen.add(each)
    if not seen:
        raise InvalidData(f"{name} holds no entry")


def _check_tests(name: str, where: str, tests: Iterable[str]) -> None:
    for test in tests:
        if not _TEST.fullmatch(test):
            raise InvalidData(
                f"{name}: {where} names the test {test[:80]!r}; write tests/test_x.py::test_name"
            )
