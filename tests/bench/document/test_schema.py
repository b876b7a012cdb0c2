from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from sonoedge.settings import plain
from sonoedge_bench.document import Document
from sonoedge_bench.document.constraints import Count, Sha256
from sonoedge_bench.document.files import schema_text
from sonoedge_bench.document.schema import descriptions, schema_of


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part.

    Attributes:
        low, high: ends of
            an interval.
    """

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A value with something of every kind.

    Attributes:
        count: at least 0.
    """

    count: Count
    digest: Sha256 | None
    name: Literal["a", "b"]
    pair: tuple[int, str]
    row: tuple[float | None, ...]
    part: Part | None
    parts: Mapping[str, Part]
    anything: object


def test_every_kind_of_field_has_its_schema() -> None:
    schema = schema_of(Whole, "urn:x")
    assert schema["$id"] == "urn:x"
    assert schema["required"] == list(schema["properties"])
    assert schema["additionalProperties"] is False
    assert schema["properties"] == {
        "count": {"type": "integer", "minimum": 0, "description": "at least 0."},
        "digest": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
        "name": {"enum": ["a", "b"]},
        "pair": {
            "type": "array",
            "prefixItems": [{"type": "integer"}, {"type": "string"}],
            "minItems": 2,
            "items": False,
        },
        "row": {"type": "array", "items": {"type": ["number", "null"]}},
        "part": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "null"}]},
        "parts": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Part"}},
        "anything": {},
    }
    assert schema["$defs"]["Part"]["properties"]["high"] == {
        "type": "number",
        "description": "ends of an interval.",
    }


def test_a_description_for_several_fields_is_each_ones() -> None:
    assert descriptions(Part) == {"low": "ends of an interval.", "high": "ends of an interval."}


def test_the_published_schema_is_a_schema_and_refuses_what_the_reader_refuses(
    a_document: Callable[..., Document],
) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema")
    schema = json.loads(schema_text())
    checker = jsonschema.Draft202012Validator
    checker.check_schema(schema)
    data: Any = plain(a_document("soak"))
    checker(schema).validate(data)
    for key, value in (("mode", "open"), ("frames", None), ("colour", "red")):
        assert not checker(schema).is_valid(data | {key: value})
