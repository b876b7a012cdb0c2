"""Documents on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from sonoedge.errors import InvalidData, InvalidSettings, OutputError
from sonoedge.json_schema import schema_of
from sonoedge.settings import plain, read
from sonoedge.strict_json import parse_json
from sonoedge_bench.document.document import SCHEMA, Document

MOST_BYTES: Final = 1 << 30  # samples of hours


def schema_text() -> str:
    """The JSON Schema (draft 2020-12) of every document, indented."""
    return json.dumps(schema_of(Document, f"urn:{SCHEMA.replace('-', ':')}"), indent=1) + "\n"


def write_text(path: Path, text: str) -> None:
    """Write a file.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None


def write_json(path: Path, value: object) -> None:
    """Dataclasses, mappings, sequences and scalars as one line of strict JSON.

    Raises:
        OutputError: it cannot be written.
    """
    text = json.dumps(plain(value), allow_nan=False, separators=(",", ":"))
    write_text(path, text + "\n")


def read_document(path: Path) -> Document:
    """A document, every key and type checked.

    Raises:
        InvalidData: it cannot be read, is not JSON, or is not a document of this schema.
    """
    try:
        data = parse_json(path.read_bytes(), str(path), most_bytes=MOST_BYTES)
    except OSError as error:
        raise InvalidData(f"{path} cannot be read: {error.strerror}") from None
    except InvalidSettings as error:
        raise InvalidData(str(error)) from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise InvalidData(
            f"{path} is not a measurement of this version of sonoedge: its schema is {schema!r}, "
            f"not {SCHEMA!r}; measure again with sonoedge bench --json"
        )
    try:
        return read(Document, data)
    except InvalidSettings as error:
        raise InvalidData(f"{path} is damaged: {error}; measure again") from None
