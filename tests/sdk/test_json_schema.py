from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from sonoedge.json_schema import Constraint, descriptions, schema_of, settings_schema


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

    count: Annotated[int, Constraint(minimum=0)]
    digest: Annotated[str, Constraint(pattern="^[0-9a-f]{64}$")] | None
    letter: Annotated[str, Constraint(enum=("a", "b"))]
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
        "letter": {"type": "string", "enum": ["a", "b"]},
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


@dataclass(frozen=True, kw_only=True)
class Interval(Part):
    """An interval of a part.

    Attributes:
        unit: of both ends.

    Raises:
        ValueError: it is empty.
    """

    unit: Literal["mm", "px"] = "px"
    marks: tuple[int, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    part: Part = Part(low=0.0, high=1.0)
    folder: str = ""


def test_inherited_fields_are_described_and_the_next_section_is_no_field() -> None:
    assert descriptions(Interval) == {
        "low": "ends of an interval.",
        "high": "ends of an interval.",
        "unit": "of both ends.",
    }


def test_settings_require_only_what_has_no_default_and_tell_the_defaults() -> None:
    schema = settings_schema(Interval, "urn:x", left_out=("folder",))
    assert schema["required"] == ["low", "high"]
    properties = schema["properties"]
    assert properties["unit"] == {
        "enum": ["mm", "px"],
        "default": "px",
        "description": "of both ends.",
    }
    assert properties["marks"]["default"] == []
    assert properties["names"]["default"] == {}
    assert properties["part"] == {"$ref": "#/$defs/Part"}
    assert "folder" not in properties


def test_a_document_requires_every_key_and_tells_no_defaults() -> None:
    schema = schema_of(Interval, "urn:x")
    assert schema["required"] == list(schema["properties"])
    assert "default" not in schema["properties"]["unit"]
