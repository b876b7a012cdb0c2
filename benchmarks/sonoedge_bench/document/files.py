"""Documents on disk."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import NoReturn

from sonoedge.errors import InvalidData, InvalidSettings, OutputError
from sonoedge.json_schema import schema_of
from sonoedge.settings import plain, read
from sonoedge_bench.document.document import SCHEMA, Document


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
        data = json.loads(
            path.read_text(encoding="utf-8"), parse_constant=_refuse, parse_float=_finite
        )
    except OSError as error:
        raise InvalidData(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidData(f"{path} is not JSON: {error}") from None
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


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large")
    return value
