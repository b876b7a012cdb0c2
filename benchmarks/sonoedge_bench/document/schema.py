"""JSON Schema (draft 2020-12) of a dataclass, from its type hints and its docstring."""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Mapping
from typing import Any, Final, get_args, get_origin, get_type_hints

from sonoedge_bench.document.constraints import Constraint

SCALARS: Final = {bool: "boolean", int: "integer", float: "number", str: "string"}

Schema = dict[str, Any]


def schema_of(cls: type, identifier: str) -> Schema:
    """The schema of a dataclass and of all dataclasses within it, which stand in `$defs`.

    Every field is required and no other key is allowed. Descriptions are those of the
    docstrings' "Attributes" sections.
    """
    definitions: dict[str, Schema] = {}
    root = _object(cls, definitions)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": identifier}
    return head | root | {"$defs": dict(sorted(definitions.items()))}


def descriptions(cls: type) -> dict[str, str]:
    """Field's name -> what the docstring's "Attributes" section says of it."""
    section = (inspect.getdoc(cls) or "").partition("Attributes:\n")[2]
    result: dict[str, str] = {}
    for entry in re.split(r"\n(?=    \w)", section.rstrip()):
        names, _, text = entry.strip().partition(": ")
        for name in names.split(", "):
            result[name] = " ".join(text.split())
    return result


def _object(cls: type, definitions: dict[str, Schema]) -> Schema:
    hints = get_type_hints(cls, include_extras=True)
    texts = descriptions(cls)
    properties = {}
    for field in dataclasses.fields(cls):
        described = {"description": texts[field.name]} if field.name in texts else {}
        properties[field.name] = _value(hints[field.name], definitions) | described
    return {
        "description": (inspect.getdoc(cls) or "").partition("\n")[0],
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _value(hint: Any, definitions: dict[str, Schema]) -> Schema:
    origin, args = get_origin(hint), get_args(hint)
    if origin is typing.Annotated:
        limits = [dataclasses.asdict(a) for a in args[1:] if isinstance(a, Constraint)]
        keywords = {k: v for limit in limits for k, v in limit.items() if v is not None}
        return _value(args[0], definitions) | keywords
    if origin in (typing.Union, types.UnionType):
        return _union([_value(a, definitions) for a in args])
    if origin is typing.Literal:
        return {"const": args[0]} if len(args) == 1 else {"enum": list(args)}
    if origin is tuple and args[-1] is Ellipsis:
        return {"type": "array", "items": _value(args[0], definitions)}
    if origin is tuple:
        items = [_value(a, definitions) for a in args]
        return {"type": "array", "prefixItems": items, "minItems": len(args), "items": False}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _value(args[1], definitions)}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}  # in work: a class may hold itself
            definitions[hint.__name__] = _object(hint, definitions)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if hint is type(None):
        return {"type": "null"}
    return {"type": SCALARS[hint]} if hint in SCALARS else {}


def _union(parts: list[Schema]) -> Schema:
    """One schema with several types where that is enough, else one of several schemas."""
    null = {"type": "null"}
    others = [part for part in parts if part != null]
    if len(others) == 1 and null in parts and isinstance(others[0].get("type"), str):
        return others[0] | {"type": [others[0]["type"], "null"]}
    return {"anyOf": [*others, *([null] if null in parts else [])]}
