"""Trees as TOML: enough of it for recipes and targets, hostile ones too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def as_toml(tree: Any) -> bytes:
    """A tree of values as TOML text.

    What TOML cannot hold is written as it would be, so that the reader sees that as well.
    """
    if not isinstance(tree, Mapping):
        return _value(tree).encode(errors="surrogatepass")
    lines = (f"{_key(key)} = {_value(value)}" for key, value in tree.items())
    return "\n".join(lines).encode(errors="surrogatepass")


def _key(key: object) -> str:
    return json.dumps(str(key), ensure_ascii=False)


def _value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and value.bit_length() > 10_000:  # Python refuses to write it
        return hex(value)
    return repr(value).lower()
