"""JSON Schema (draft 2020-12) of a dataclass, from its type hints and its docstring."""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args, get_origin, get_type_hints

from sonoedge.settings import plain

SCALARS: Final = {bool: "boolean", int: "integer", float: "number", str: "string"}
HEAD: Final = {"$schema": "https://json-schema.org/draft/2020-12/schema"}

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """What a type alone does not give, as metadata of `Annotated`.

    Attributes:
        minimum, pattern, enum: keywords of JSON Schema; None is left out.
    """

    minimum: float | None = None
    pattern: str | None = None
    enum: tuple[str, ...] | None = None

    def keywords(self) -> Schema:
        """Those that are given."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {name: plain(value) for name, value in values.items() if value is not None}


def schema_of(cls: type, identifier: str) -> Schema:
    """The schema of a document that a program writes: every key is there.

    It is that of a dataclass and of all dataclasses within it, which stand in `$defs`. No other
    key is allowed. Descriptions are those of the docstrings' "Attributes" sections.
    """
    return _Writer(settings=False).document(cls, identifier, ())


def settings_schema(cls: type, identifier: str, left_out: Collection[str] = ()) -> Schema:
    """The schema of a file that a person writes: keys with a default may be left out.

    Args:
        left_out: fields of `cls` that are no keys.
    """
    return _Writer(settings=True).document(cls, identifier, left_out)


def descriptions(cls: type) -> dict[str, str]:
    """Field's name -> what the "Attributes" section says of it, inherited fields among them."""
    result: dict[str, str] = {}
    for owner in reversed(cls.__mro__):
        section = inspect.cleandoc(vars(owner).get("__doc__") or "").partition("Attributes:\n")[2]
        section = re.split(r"\n(?=\S)", section)[0]  # up to the next section, such as Raises
        for entry in re.split(r"\n(?=    \w)", section.rstrip()):
            names, _, text = entry.strip().partition(": ")
            if text:
                result |= {name: " ".join(text.split()) for name in names.split(", ")}
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """One schema in the making.

    Attributes:
        settings: tell defaults, and require only the keys without one.
        definitions: schemas of the dataclasses met so far, by class name.
    """

    settings: bool
    definitions: dict[str, Schema] = field(default_factory=dict)

    def document(self, cls: type, identifier: str, left_out: Collection[str]) -> Schema:
        root = self._object(cls, left_out)
        return HEAD | {"$id": identifier} | root | {"$defs": dict(sorted(self.definitions.items()))}

    def _object(self, cls: type, left_out: Collection[str] = ()) -> Schema:
        hints = get_type_hints(cls, include_extras=True)
        texts = descriptions(cls)
        properties, required = {}, []
        for entry in dataclasses.fields(cls):
            if entry.name in left_out:
                continue
            text = {"description": texts[entry.name]} if entry.name in texts else {}
            default = _default(entry) if self.settings else {}
            properties[entry.name] = self._value(hints[entry.name]) | text | default
            if not self.settings or not _may_be_left_out(entry):
                required.append(entry.name)
        return {
            "description": (inspect.getdoc(cls) or "").partition("\n")[0],
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def _value(self, hint: Any) -> Schema:
        origin, args = get_origin(hint), get_args(hint)
        if origin is typing.Annotated:
            schema = self._value(args[0])
            for constraint in args[1:]:
                schema |= constraint.keywords() if isinstance(constraint, Constraint) else {}
            return schema
        if origin in (typing.Union, types.UnionType):
            return _union([self._value(a) for a in args])
        if origin is typing.Literal:
            return {"const": args[0]} if len(args) == 1 else {"enum": list(args)}
        if origin is tuple and args[-1] is Ellipsis:
            return {"type": "array", "items": self._value(args[0])}
        if origin is tuple:
            items = [self._value(a) for a in args]
            return {"type": "array", "prefixItems": items, "minItems": len(args), "items": False}
        if origin is not None and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self._value(args[1])}
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            if hint.__name__ not in self.definitions:
                self.definitions[hint.__name__] = {}  # in work: a class may hold itself
                self.definitions[hint.__name__] = self._object(hint)
            return {"$ref": f"#/$defs/{hint.__name__}"}
        if hint is type(None):
            return {"type": "null"}
        return {"type": SCALARS[hint]} if hint in SCALARS else {}


def _may_be_left_out(entry: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return entry.default is not missing or entry.default_factory is not missing


def _default(entry: dataclasses.Field[Any]) -> Schema:
    """The field's default; {} where it has none, or a table, whose keys have their own."""
    value = entry.default
    if entry.default_factory is not dataclasses.MISSING:
        value = entry.default_factory()
    if value is dataclasses.MISSING or dataclasses.is_dataclass(value):
        return {}
    return {"default": plain(value)}


def _union(parts: list[Schema]) -> Schema:
    """One schema with several types where that is enough, else one of several schemas."""
    null = {"type": "null"}
    others = [part for part in parts if part != null]
    if len(others) == 1 and null in parts and isinstance(others[0].get("type"), str):
        return others[0] | {"type": [others[0]["type"], "null"]}
    return {"anyOf": [*others, *([null] if null in parts else [])]}
