"""Files of the repository that pages link to: they go with the site, and links lead to them.

A link in docs/ that works in a checkout works on the site as well: a file outside of
docs/ lies below `repository/` there, code as a page that shows it.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Final

PREFIX: Final = "repository/"
# Pages of the repository that the site has whether linked to or not.
ALWAYS: Final = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "examples/reference/MODEL_CARD.md",
    "soup.toml",
)
LANGUAGES: Final = {".py": "python", ".toml": "toml", ".service": "ini", ".h": "c", "": "text"}
_LINK: Final = re.compile(r"(?<=\]\()([^)#:\s]+)(#[^)\s]*)?(?=\))")


def linked_files(root: Path) -> dict[str, str | bytes]:
    """Address within the site to content, for every file outside of docs/ that is linked to."""
    todo = [*ALWAYS, *_targets(root, _documents(root))]
    result: dict[str, str | bytes] = {}
    while todo:
        path = todo.pop()
        uri = site_uri(path)
        if path.startswith("docs/") or uri in result:
            continue
        result[uri] = _content(root / path)
        if path.endswith(".md"):
            todo += _targets(root, [path])
    return result


def rewrite_links(root: Path, src_uri: str, markdown: str) -> str:
    """The page with its links to files of the repository turned into links within the site."""
    source = repository_path(src_uri)

    def rewritten(match: re.Match[str]) -> str:
        path = _resolve(source, match[1])
        if not (root / path).is_file():
            return match[0]  # a page of the site alone, or a mistake that the strict build names
        start = posixpath.dirname(src_uri) or "."
        return posixpath.relpath(site_uri(path), start) + (match[2] or "")

    return _LINK.sub(rewritten, markdown)


def site_uri(path: str) -> str:
    """Where a file of the repository lies on the site."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    shown = Path(path).suffix in LANGUAGES
    return f"{PREFIX}{path}{'.md' if shown else ''}"


def repository_path(uri: str) -> str:
    """The file of the repository that a page of the site was made from."""
    if not uri.startswith(PREFIX):
        return f"docs/{uri}"
    path = uri.removeprefix(PREFIX)
    shown = path.removesuffix(".md")
    return shown if Path(shown).suffix in LANGUAGES and path.endswith(".md") else path


def _documents(root: Path) -> list[str]:
    return [file.relative_to(root).as_posix() for file in sorted((root / "docs").rglob("*.md"))]


def _targets(root: Path, documents: list[str]) -> list[str]:
    links = [
        _resolve(document, match[1])
        for document in documents
        for match in _LINK.finditer((root / document).read_text(encoding="utf-8"))
    ]
    return [path for path in links if (root / path).is_file()]


def _resolve(source: str, link: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), link))


def _content(file: Path) -> str | bytes:
    if file.suffix not in LANGUAGES:
        return file.read_bytes()
    text = file.read_text(encoding="utf-8")
    return f"# {file.name}\n\n```{LANGUAGES[file.suffix]}\n{text.rstrip()}\n```\n"
