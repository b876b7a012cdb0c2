"""The JSON Schema of a recipe file: what an editor checks and completes by."""

from __future__ import annotations

import json
from typing import Final

from sonoedge.json_schema import Schema, settings_schema
from sonoedge_export.recipe.recipe import NOT_KEYS, Recipe

IDENTIFIER: Final = "urn:sonoedge:recipe"


def recipe_schema() -> Schema:
    """The schema (draft 2020-12) of a recipe's keys, types, allowed values and defaults.

    Ranges, and keys that need one another, are checked by `read_recipe` alone. A recipe with a
    `base` may leave out what the base gives.
    """
    schema = settings_schema(Recipe, IDENTIFIER, NOT_KEYS)
    required = schema.pop("required")
    return schema | {"if": {"required": ["base"]}, "else": {"required": required}}


def schema_text() -> str:
    """The schema as JSON, indented."""
    return json.dumps(recipe_schema(), indent=1) + "\n"
