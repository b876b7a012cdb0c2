"""Documents of bytes and of files: strict JSON, of the kind that their role takes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Final

from sonoedge.bounded_read import read_bounded
from sonoedge.bundle.names import printable
from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.strict_json import parse_json
from sonoedge_export.evidence.document import Document

MOST_BYTES: Final = 256 << 20  # a benchmark of hours, raw samples included


def parse_document(data: bytes, name: str, role: str) -> Document:
    """A document of bytes that are in memory.

    Raises:
        InvalidData: they are no strict JSON.
    """
    try:
        parsed = parse_json(data, name, most_bytes=MOST_BYTES)
    except InvalidSettings as error:
        raise InvalidData(str(error)) from None
    return Document(
        name=name,
        role=role,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        data=parsed,
    )


def check_schema(document: Document, schema: str, command: str) -> None:
    """Refuse a document of another kind than its role takes.

    Args:
        command: what writes such documents, for the message.

    Raises:
        InvalidData: its schema is another one.
    """
    actual = document.data.get("schema") if isinstance(document.data, dict) else None
    if actual != schema:
        raise InvalidData(
            f"{document.name} is not what --{document.role} takes: its schema is "
            f"{printable(repr(actual))[:80]}, not {schema!r}; {command} writes one"
        )


def check_keys(document: Document, keys: Collection[str], command: str) -> None:
    """The same for documents that name no schema: by the keys that they must have.

    Raises:
        InvalidData: it lacks one.
    """
    have = set(document.data) if isinstance(document.data, dict) else set()
    lacking = sorted(set(keys) - have)
    if lacking:
        raise InvalidData(
            f"{document.name} is not what --{document.role} takes: it lacks {lacking[0]}; "
            f"{command} writes one"
        )


def read_input(path: Path) -> bytes:
    """An input's bytes.

    Raises:
        InvalidData: it cannot be read, or is longer than any.
    """
    try:
        data = read_bounded(path, MOST_BYTES)
    except OSError as error:
        raise InvalidData(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise InvalidData(f"{path} has more than {MOST_BYTES >> 20} MiB")
    return data
