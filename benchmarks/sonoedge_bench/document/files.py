"""Documents on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from sonoedge.errors import InvalidData, OutputError
from sonoedge_bench.document import SCHEMA
from sonoedge_bench.document.shape import damage


def schema_text() -> str:
    """The JSON Schema (draft 2020-12) that every document keeps to."""
    return (files("sonoedge_bench.document") / "schema.json").read_text(encoding="utf-8")


def write_text(path: Path, text: str) -> None:
    """Write a file whole.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """One line of strict JSON.

    Raises:
        OutputError: it cannot be written.
    """
    write_text(path, json.dumps(document, allow_nan=False, separators=(",", ":")) + "\n")


def read_document(path: Path) -> dict[str, Any]:
    """A document, checked as far as a comparison or a report needs it.

    Raises:
        InvalidData: it cannot be read, is no JSON, or no document of this schema.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidData(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidData(f"{path} is no JSON: {error}") from None
    found = data.get("schema") if isinstance(data, dict) else None
    if found != SCHEMA:
        raise InvalidData(
            f"{path} is no measurement of this version: its schema is {found!r}, not {SCHEMA!r}; "
            "measure again with sonoedge bench --json"
        )
    wrong = damage(data)
    if wrong:
        raise InvalidData(f"{path} is damaged: {', '.join(wrong)} missing or no such thing")
    result: dict[str, Any] = data
    return result
