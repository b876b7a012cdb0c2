"""MkDocs' hooks: pages that are generated at each build, links to the repository's files."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import api_pages
import command_pages
import recipe_page
import repository_files
import soup_page

ROOT = Path(__file__).parents[2]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the generated pages into the navigation, where it names their folders."""
    sections = {
        api_pages.FOLDER: api_pages.navigation(ROOT),
        command_pages.FOLDER: command_pages.navigation(),
    }
    config.nav = _filled(config.nav, sections)
    config.watch += [str(ROOT / root) for root in api_pages.SOURCE_ROOTS]
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the generated pages, and the repository's files that pages link to."""
    pages = api_pages.pages(ROOT) | command_pages.pages() | recipe_page.pages() | soup_page.pages()
    for uri, text in pages.items():
        files.append(File.generated(config, uri, content=text))
    for uri, content in repository_files.linked_files(ROOT).items():
        files.append(File.generated(config, uri, content=content))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links between files of the repository into links between pages of the site."""
    return repository_files.rewrite_links(ROOT, page.file.src_uri, markdown)


def _filled(entry: object, sections: dict[str, object]) -> object:
    """The navigation with each folder's name replaced by the entries of that folder."""
    if isinstance(entry, list):
        return [_filled(item, sections) for item in entry]
    if isinstance(entry, dict):
        return {title: _filled(item, sections) for title, item in entry.items()}
    return sections.get(entry, entry) if isinstance(entry, str) else entry
