"""Version, pins and extras agree wherever they are written."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

import sonoedge
from sonoedge.verbs.parts import EXTRAS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.fixture(scope="module")
def project(repository: Path) -> dict[str, Any]:
    """The [project] table of pyproject.toml."""
    with (repository / "pyproject.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)["project"]
    return table


@pytest.fixture(scope="module")
def pins(repository: Path) -> list[str]:
    """The lines of constraints.txt without its comments."""
    lines = (repository / "constraints.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def name_of(requirement: str) -> str:
    """The distribution that a requirement names, normalised as PEP 503 says."""
    result = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert result is not None
    return re.sub(r"[-_.]+", "-", result[0]).lower()


def test_the_version_is_one(project: dict[str, Any]) -> None:
    assert sonoedge.__version__ == project["version"]


def test_the_changelog_has_this_version(project: dict[str, Any], repository: Path) -> None:
    assert f"## [{project['version']}]" in (repository / "CHANGELOG.md").read_text()


def test_every_pin_is_one_exact_version_and_names_no_place(pins: list[str]) -> None:
    pin = re.compile(r'[a-z0-9-]+==[0-9][0-9a-z.]*( ; python_version (<|>=) "3\.\d+")?')
    assert [line for line in pins if not pin.fullmatch(line)] == []


def test_a_package_with_two_pins_tells_them_apart_by_python(pins: list[str]) -> None:
    for name in {name_of(line) for line in pins}:
        lines = [line for line in pins if name_of(line) == name]
        markers = {line.partition(";")[2].strip() for line in lines}
        if len(lines) > 1:
            assert markers == {'python_version >= "3.11"', 'python_version < "3.11"'}, name


def test_every_dependency_of_every_extra_is_pinned(
    project: dict[str, Any], pins: list[str]
) -> None:
    extras = project["optional-dependencies"].values()
    expected = [*project["dependencies"], *(r for extra in extras for r in extra)]
    pinned = {name_of(line) for line in pins} | {"sonoedge"}
    assert {name_of(requirement) for requirement in expected} - pinned == set()


def test_doctor_looks_for_what_the_extras_bring(project: dict[str, Any]) -> None:
    for extra, (_, distributions) in EXTRAS.items():
        expected = project["optional-dependencies"][extra]
        brought = {name_of(r) for r in expected if "python_version" not in r}
        assert {name_of(d) for d in distributions} == brought, extra
