"""All that a pack is made of, read and checked before a word of it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sonoedge.bundle import Bundle, read_bundle
from sonoedge.bundle.names import printable
from sonoedge.comparison import Comparison, compare
from sonoedge.errors import InvalidData
from sonoedge_export.evidence.document import Document, Place
from sonoedge_export.evidence.junit import TestRun, parse_junit
from sonoedge_export.evidence.messages import Message, parse_messages
from sonoedge_export.evidence.project_files import project_file
from sonoedge_export.evidence.reading import (
    check_keys,
    check_schema,
    parse_document,
    read_input,
)
from sonoedge_export.evidence.records import (
    Hazards,
    Requirements,
    parse_hazards,
    parse_requirements,
)

# role: the schema of its documents, where they name their bundle, and what writes them.
KINDS: Final[Mapping[str, tuple[str | None, tuple[str, ...] | None, str]]] = {
    "verify": ("sonoedge-verify-1", ("bundle_id",), "sonoedge verify --json"),
    "bench": ("sonoedge-bench-3", ("model", "id"), "sonoedge bench --json"),
    "reliability": ("sonoedge-reliability-1", ("bundle_id",), "sonoedge reliability --json"),
    "provision": ("sonoedge-provision-report-1", ("bundle_id",), "sonoedge provision --report"),
    "guard": ("sonoedge-guard-rates-1", None, "python -m studies.guard_rates --json"),
    "audit": (None, None, "sonoedge audit verify --json"),
}
OLDER: Final = "older manifest.json"
# A document without a schema is known by its keys.
AUDIT_KEYS: Final = frozenset({"first", "last", "hash", "seals", "seals_checked", "lost"})
# role: a document that an export puts into a bundle
WITHIN: Final = {
    "verification": "verification.json",
    "calibration": "calibration.json",
    "sbom": "sbom.cdx.json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """What identifies a file that was read.

    Attributes:
        name: as sources tell it; one of several that have the same name gets a number.
        role: what it is to the pack.
    """

    name: str
    role: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where the documents are; None or empty: not provided.

    Attributes:
        requirements, hazards: None takes the project's own.
        against: an older bundle.
    """

    bundle: Path
    verify: tuple[Path, ...] = ()
    bench: tuple[Path, ...] = ()
    reliability: Path | None = None
    provision: Path | None = None
    guard: Path | None = None
    audit: Path | None = None
    junit: Path | None = None
    requirements: Path | None = None
    hazards: Path | None = None
    against: Path | None = None

    def of(self, role: str) -> tuple[Path, ...]:
        """The documents of one of `KINDS`."""
        value: Path | tuple[Path, ...] | None = getattr(self, role)
        if isinstance(value, tuple):
            return value
        return () if value is None else (value,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that was read.

    Attributes:
        documents: the bundle's own and those that were given, by role.
        comparison: with the older bundle; None without one.
        run: results of tests; None without a JUnit file.
        files: every file that was read, in order.
    """

    bundle: Bundle
    documents: tuple[Document, ...] = field(repr=False)
    comparison: Comparison | None
    run: TestRun | None
    requirements: Requirements
    requirements_name: str
    hazards: Hazards
    hazards_name: str
    messages: tuple[Message, ...]
    messages_name: str
    files: tuple[InputFile, ...]

    @property
    def manifest(self) -> Place:
        """The bundle's manifest."""
        (document,) = self.of("manifest")
        return document.root

    def of(self, role: str) -> tuple[Document, ...]:
        """The documents of a role, in the order in which they were given."""
        return tuple(document for document in self.documents if document.role == role)

    def place(self, role: str) -> Place:
        """A document of which there is at most one; a place of nothing where there is none."""
        for document in self.of(role):
            return document.root
        return Place(document=Document(name=role, role=role, sha256="", bytes=0, data={}), path=())


def read_inputs(paths: Paths) -> Inputs:
    """Read and check everything.

    Raises:
        BundleError: a bundle is damaged, or not vouched for as this machine demands.
        InvalidData: a document cannot be read, is of another kind, or is of another bundle.
    """
    names = _Names()
    names.unique(OLDER)
    bundle = read_bundle(paths.bundle)
    bundle.check()
    documents = [*_of_bundle(bundle, names)]
    for role in KINDS:
        documents += [_given(path, role, bundle, names) for path in paths.of(role)]
    files = [InputFile(name=d.name, role=d.role, sha256=d.sha256, bytes=d.bytes) for d in documents]

    def text(given: Path | None, own: str, role: str) -> tuple[bytes, str]:
        path = project_file(own) if given is None else given
        data = read_input(path)
        files.append(_file(data, names.unique(path.name), role))
        return data, files[-1].name

    requirements_data, requirements_name = text(
        paths.requirements, "requirements.toml", "requirements"
    )
    requirements = parse_requirements(requirements_data, requirements_name)
    hazards_data, hazards_name = text(paths.hazards, "hazards.toml", "hazards")
    messages_data, messages_name = text(None, "troubleshooting.md", "messages")
    run = None
    if paths.junit is not None:
        data, name = text(paths.junit, "", "junit")
        timestamp, results = parse_junit(data, name)
        run = TestRun(
            name=name,
            sha256=files[-1].sha256,
            bytes=len(data),
            timestamp=timestamp,
            results=results,
        )
    return Inputs(
        bundle=bundle,
        documents=tuple(documents),
        comparison=None if paths.against is None else _comparison(paths.against, bundle, files),
        run=run,
        requirements=requirements,
        requirements_name=requirements_name,
        hazards=parse_hazards(hazards_data, hazards_name, requirements),
        hazards_name=hazards_name,
        messages=parse_messages(messages_data, messages_name),
        messages_name=messages_name,
        files=tuple(files),
    )


class _Names:
    """Gives each file a name of its own, so that a source can be told by it."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, name: str) -> str:
        result, number = printable(name), 2
        while result in self._taken:
            result, number = f"{printable(name)} ({number})", number + 1
        self._taken.add(result)
        return result


def _of_bundle(bundle: Bundle, names: _Names) -> Iterator[Document]:
    yield parse_document(bundle.vouched.payload, names.unique("manifest.json"), "manifest")
    for role, path in WITHIN.items():
        if path in bundle.manifest.files:
            yield parse_document(bundle.read(path), names.unique(path), role)


def _given(path: Path, role: str, bundle: Bundle, names: _Names) -> Document:
    schema, names_bundle, command = KINDS[role]
    name = names.unique(path.name)
    document = parse_document(read_input(path), name, role)
    if schema is None:
        check_keys(document, AUDIT_KEYS, command)
    else:
        check_schema(document, schema, command)
    if names_bundle is not None:
        _check_bundle(document, names_bundle, bundle)
    return document


def _check_bundle(document: Document, path: Sequence[str], bundle: Bundle) -> None:
    """Refuse figures of another bundle: they would be read as this one's."""
    place = document.root
    for key in path:
        place /= key
    if place.text() != bundle.manifest.bundle_id:
        raise InvalidData(
            f"{document.name} is of {printable(place.text())[:120]}, not of "
            f"{bundle.manifest.bundle_id}: {KINDS[document.role][2]} makes one of this bundle"
        )


def _comparison(path: Path, bundle: Bundle, files: list[InputFile]) -> Comparison:
    old = read_bundle(path)
    old.check()
    files.append(_file(old.vouched.payload, OLDER, "against"))
    return compare(old.manifest, bundle.manifest)


def _file(data: bytes, name: str, role: str) -> InputFile:
    return InputFile(name=name, role=role, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
