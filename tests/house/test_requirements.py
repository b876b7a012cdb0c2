"""Requirements, hazards and the marks of tests agree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sonoedge_export.evidence.records import (
    Hazards,
    Requirements,
    parse_hazards,
    parse_requirements,
)


@pytest.fixture(scope="module")
def requirements(repository: Path) -> Requirements:
    path = repository / "docs/requirements.toml"
    return parse_requirements(path.read_bytes(), path.name)


@pytest.fixture(scope="module")
def hazards(repository: Path, requirements: Requirements) -> Hazards:
    path = repository / "docs/hazards.toml"
    return parse_hazards(path.read_bytes(), path.name, requirements)


@pytest.fixture(scope="module")
def marks(repository: Path) -> dict[str, set[str]]:
    """Every test function, by its id, with the requirements that its mark names."""
    result: dict[str, set[str]] = {}
    for file in sorted((repository / "tests").rglob("test_*.py")):
        for function in ast.parse(file.read_text()).body:
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                test = f"{file.relative_to(repository).as_posix()}::{function.name}"
                result[test] = set(marked(function))
    return result


def marked(function: ast.FunctionDef) -> Iterator[str]:
    """The arguments of `@pytest.mark.req(...)`."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.req":
            for argument in decorator.args:
                assert isinstance(argument, ast.Constant)
                assert isinstance(argument.value, str)
                yield argument.value


def test_each_requirement_has_a_test_and_each_mark_names_a_requirement(
    requirements: Requirements, marks: dict[str, set[str]]
) -> None:
    listed = {r.id: set(r.tests) for r in requirements.requirement}
    carried = {
        name: {test for test, names in marks.items() if name in names}
        for name in set().union(*marks.values())
    }
    assert all(listed.values())
    assert carried == listed


def test_each_test_of_a_hazards_control_exists(
    hazards: Hazards, marks: dict[str, set[str]]
) -> None:
    named = {t for h in hazards.hazard for c in h.control for t in c.tests}
    assert len(named) >= 20
    assert named - set(marks) == set()


def test_each_control_is_verified_by_something(hazards: Hazards) -> None:
    controls = [c for h in hazards.hazard for c in h.control]
    assert [c.text for c in controls if not c.tests and not c.requirements] == []
    assert len(hazards.hazard) >= 15


def test_ids_are_in_their_order(requirements: Requirements, hazards: Hazards) -> None:
    assert [r.id for r in requirements.requirement] == [
        f"R{n}" for n in range(1, len(requirements.requirement) + 1)
    ]
    assert [h.id for h in hazards.hazard] == [f"H{n}" for n in range(1, len(hazards.hazard) + 1)]


def test_a_mark_is_found() -> None:
    source = '@pytest.mark.req("R1", "R2")\n@pytest.mark.slow\ndef test_x(): ...'
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert list(marked(function)) == ["R1", "R2"]
