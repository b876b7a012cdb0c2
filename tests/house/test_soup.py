"""soup.toml is complete: every device dependency, in every pinned version, by a person."""

from __future__ import annotations

import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest

import soup_page
from sonoedge.sbom.component import normalised
from sonoedge.sbom.distributions import installed_distributions
from sonoedge.sbom.grafted import grafted
from sonoedge.sbom.soup import Soup, SoupPart, read_soup

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Extras that a device installs.
DEVICE_EXTRAS = (
    *("openvino", "litert", "dicom", "igtl", "report", "send", "view", "bench", "tensorrt-rtx"),
)
# What onnxruntime 1.23 needs on Python 3.10, which an environment of a newer Python does not show.
ON_PYTHON_3_10 = {"coloredlogs", "humanfriendly", "sympy", "mpmath", "tomli", "typing-extensions"}
# Markers of what a requirement is not for.
NOT_ON_A_DEVICE = ("extra ==", "python_version <", 'platform_system == "Windows"')
NAME = re.compile(r"[A-Za-z0-9._-]+")


@pytest.fixture(scope="module")
def soup() -> Soup:
    return read_soup()


@pytest.fixture(scope="module")
def needed(repository: Path) -> set[str]:
    """Normalised names of all that a device may install, what these need among them."""
    with (repository / "pyproject.toml").open("rb") as file:
        project: dict[str, Any] = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    waiting = [*project["dependencies"], *(r for e in DEVICE_EXTRAS for r in extras[e])]
    names = {"sonoedge"}  # an extra may name another one: those are listed above
    while waiting:
        name = _name(waiting.pop())
        if name in names:
            continue
        names.add(name)
        try:
            found = requires(name) or []
        except PackageNotFoundError:
            found = []
        waiting += [r for r in found if not any(m in r for m in NOT_ON_A_DEVICE)]
    return (names | ON_PYTHON_3_10) - {"sonoedge"}


def _name(requirement: str) -> str:
    match = NAME.match(requirement)
    assert match is not None
    return normalised(match[0])


def _pins(repository: Path) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for line in (repository / "constraints.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition(";")[0].strip().partition("==")
            pins.setdefault(name, set()).add(version)
    return pins


def _pypi(soup: Soup) -> dict[str, SoupPart]:
    return {normalised(part.name): part for part in soup.parts if part.kind == "pypi"}


def test_every_part_that_a_device_installs_has_its_entry(soup: Soup, needed: set[str]) -> None:
    assert len(needed) >= 20
    assert needed - set(_pypi(soup)) == set(), "write them into soup.toml"


def test_no_entry_is_of_a_part_that_is_gone(soup: Soup, needed: set[str]) -> None:
    assert set(_pypi(soup)) - needed == set(), "take them out of soup.toml"


def test_every_entry_was_written_for_the_versions_that_are_pinned(
    soup: Soup, repository: Path
) -> None:
    pins = _pins(repository)
    for name, part in _pypi(soup).items():
        assert set(part.versions) == pins[name], f"{name}: read its entry again"


def test_a_judgement_is_of_the_versions_that_are_pinned(soup: Soup, repository: Path) -> None:
    pins = _pins(repository)
    for known in soup.vulnerabilities:
        kind, _, name = known.part.removeprefix("pkg:").partition("/")
        if kind == "pypi":
            assert set(known.versions) == pins[name], f"{known.id}: judge it again"


def test_libraries_within_those_parts_have_their_entries(soup: Soup, needed: set[str]) -> None:
    """Of Linux distributions' packages, and OpenSSL; a compiler's own crates are told by name."""
    if platform.machine() != "x86_64":
        pytest.skip("the entries are those of the wheels for x86-64; others are 'not assessed'")
    within = {
        part.purl
        for each in installed_distributions()
        if each.name in needed
        for part in grafted(each.name, each.sboms).components
        if part.purl is not None and part.purl.startswith(("pkg:rpm/", "pkg:deb/", "pkg:generic/"))
    }
    lacking = []
    for purl in sorted(within):
        package, _, version = purl.partition("@")
        entry = soup.find("native", package)
        if entry is None or version.partition("?")[0] not in entry.versions:
            lacking.append(purl)
    assert lacking == [], "write them into soup.toml"


def test_what_a_device_reads_is_what_soup_toml_says() -> None:
    assert soup_page.FOR_DEVICES.read_text(encoding="utf-8") == soup_page.json_text(), (
        "run: python docs/generate/soup_page.py"
    )


def test_the_page_shows_every_part_and_every_vulnerability(soup: Soup) -> None:
    (text,) = soup_page.pages().values()
    for name in (*(p.name for p in soup.parts), *(v.id for v in soup.vulnerabilities)):
        assert f"| {name} |" in text
