"""The built documentation: complete, and sufficient without a network."""

from __future__ import annotations

import html
import importlib
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from public_names import public_names
from sonoedge.cli import VERBS

# What a browser fetches by itself when it shows a page; a link that a reader follows is not.
FETCHED = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "embed": "src",
    "object": "data",
}


class Assets(HTMLParser):
    """Collects the addresses that a page makes a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in FETCHED and values.get("rel") != "canonical":
            self.addresses.append(values.get(FETCHED[tag]) or "")


def assets(page: str) -> list[str]:
    parser = Assets()
    parser.feed(page)
    return parser.addresses


def is_remote(address: str) -> bool:
    return re.match(r"(https?:)?//", address) is not None


def documented(site: Path) -> set[str]:
    """The names that have an entry, by the site's inventory."""
    data = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    lines = zlib.decompress(data).decode().splitlines()
    return {line.split(" ", 1)[0] for line in lines}


def test_the_parser_sees_a_remote_script() -> None:
    page = '<script src="https://cdn.example/x.js"></script><a href="https://example.org">x</a>'
    assert [a for a in assets(page) if is_remote(a)] == ["https://cdn.example/x.js"]


def test_no_page_makes_the_browser_fetch_anything_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 50
    remote = {
        str(page.relative_to(site)): result
        for page in pages
        if (result := [a for a in assets(page.read_text()) if is_remote(a)])
    }
    assert remote == {}


def test_no_style_sheet_fetches_anything_from_elsewhere(site: Path) -> None:
    for sheet in site.rglob("*.css"):
        text = sheet.read_text()
        assert re.findall(r"url\(\s*[\"']?(?:https?:)?//", text) == [], sheet.name
        assert "@import" not in text, sheet.name


def test_every_public_name_has_an_entry_and_a_page(site: Path, repository: Path) -> None:
    names = public_names(repository)
    assert {"Analysed", "open", "live", "Frame"} <= set(names["sonoedge"])
    entries = documented(site)
    for module, exported in names.items():
        assert {f"{module}.{name}" for name in exported} - entries == set()
        for name in exported:
            assert (site / f"reference/api/{module}/{name}.html").is_file(), f"{module}.{name}"


@pytest.mark.parametrize("package", ["sonoedge", "sonoedge.session", "sonoedge.sources"])
def test_the_public_names_read_are_those_that_the_package_exports(
    package: str, repository: Path
) -> None:
    exported = [n for n in importlib.import_module(package).__all__ if not n.startswith("__")]
    assert public_names(repository)[package] == exported


def test_every_page_of_the_documentation_is_in_the_navigation(repository: Path) -> None:
    navigation = (repository / "mkdocs.yml").read_text().partition("\nnav:\n")[2]
    docs = repository / "docs"
    pages = [page.relative_to(docs).as_posix() for page in docs.rglob("*.md")]
    assert [page for page in pages if page not in navigation] == []


def test_no_two_pages_differ_in_case_alone(site: Path) -> None:
    pages = [str(page.relative_to(site)).lower() for page in site.rglob("*.html")]
    assert len(pages) == len(set(pages))


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_every_verb_is_a_page_of_80_columns(site: Path, verb: str) -> None:
    text = (site / f"reference/commands/{verb}.html").read_text()
    block = re.search(r"<code>(.*?)</code></pre>", text, flags=re.DOTALL)
    assert block is not None
    shown = html.unescape(re.sub(r"<[^>]+>", "", block[1]))
    assert f"usage: sonoedge {verb}" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
