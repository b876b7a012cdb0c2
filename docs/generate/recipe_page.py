"""Recipe keys: one table for each settings class, from the recipe's JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sonoedge.json_schema import Schema
from sonoedge_export.recipe.schema import recipe_schema

URI: Final = "reference/recipe-keys.md"
TOP: Final = "Top level"
INTRODUCTION: Final = """# Recipe keys

Every key of a [recipe](recipe.md), table by table. TOML has no null: a key is None where its
default is none and it is left out, and a key with another default cannot be made None.
`sonoedge export --schema` prints the same as JSON Schema.
"""
TYPES: Final = {
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "object": "table of keys",
    "string": "text",
}

Places = Mapping[str, list[str]]


def pages() -> dict[str, str]:
    """Address within the site to Markdown."""
    schema = recipe_schema()
    places: dict[str, list[str]] = {}
    for name, path in _tables(schema, schema["$defs"]):
        places.setdefault(name, []).append(path)
    top = schema | {"required": schema["else"]["required"]}
    sections = [f"## {TOP}\n\n{_rows(top, places)}"]
    for name, (first, *others) in places.items():
        also = ", ".join(f"`[{path}]`" for path in others)
        same = f" The same keys are those of {also}." if others else ""
        definition = schema["$defs"][name]
        text = f"{definition['description']}{same}"
        sections.append(f"## {first}\n\n{text}\n\n{_rows(definition, places)}")
    return {URI: "\n".join([INTRODUCTION, *sections])}


def _tables(schema: Schema, definitions: Schema, above: str = "") -> Iterator[tuple[str, str]]:
    """Class and dotted path of every table, each before those within it."""
    for key, value in schema["properties"].items():
        within = value.get("items", False), value.get("additionalProperties", False)
        for part in (value, *value.get("anyOf", ()), *within):
            if part and "$ref" in part:  # "items" is False behind "prefixItems"
                name = _class(part)
                yield name, above + key
                yield from _tables(definitions[name], definitions, f"{above}{key}.")


def _rows(schema: Schema, places: Places) -> str:
    lines = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for key, value in schema["properties"].items():
        default = "required" if key in schema["required"] else _default(value)
        cells = (f"`{key}`", _type(value, places), default, value["description"])
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _type(value: Schema, places: Places) -> str:
    if "$ref" in value:
        path = places[_class(value)][0]
        return f"table, see [{path}](#{path.replace('.', '')})"
    if "anyOf" in value:
        parts = [part for part in value["anyOf"] if part != {"type": "null"}]
        return ", or ".join(_type(part, places) for part in parts)
    if "enum" in value or "const" in value:
        return ", ".join(_code(v) for v in value.get("enum", [value.get("const")]))
    if "prefixItems" in value:
        parts = value["prefixItems"]
        return f"list of {len(parts)}: {', '.join(_type(part, places) for part in parts)}"
    if "items" in value:
        return f"list of {_type(value['items'], places).replace('table', 'tables', 1)}"
    if "$ref" in (named := value.get("additionalProperties") or {}):
        return f"by name, {_type(named, places).replace('table', 'tables', 1)}"
    kinds = value["type"] if isinstance(value["type"], list) else [value["type"]]
    return " or ".join(TYPES[kind] for kind in kinds if kind != "null")


def _default(value: Schema) -> str:
    if "default" not in value:
        return "its keys' defaults"
    return "none" if value["default"] is None else _code(value["default"])


def _class(reference: Schema) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _code(value: Any) -> str:
    return f"`{json.dumps(value)}`"
