"""From plain dictionaries (JSON, TOML) to frozen dataclasses, strictly, and back.

Unknown keys, wrong types, missing keys and numbers that are not finite are refused with
the key's full name and what is allowed. One reader serves the manifest and the recipe.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Hashable, Mapping
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sonoedge.errors import InvalidSettings
from sonoedge.terminal.meant import meant

T = TypeVar("T")


def read(cls: type[T], data: object, where: str = "") -> T:
    """Make a `cls` of a mapping.

    Raises:
        InvalidSettings: the message names the key and what is allowed.
    """
    if not isinstance(data, Mapping):
        raise InvalidSettings(f"{where or 'the document'} must be a table of keys")
    hints = _type_hints(typing.cast("Hashable", cls))
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = [str(key) for key in data if key not in fields]
    if unknown:
        told = (f"{_join(where, key)} is unknown{meant(key, fields)}" for key in unknown)
        raise InvalidSettings(f"{', '.join(told)}; allowed: {', '.join(sorted(fields))}")
    values = {}
    for name, field in fields.items():
        if name in data:
            values[name] = _value(hints[name], data[name], _join(where, name))
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise InvalidSettings(f"{_join(where, name)} is missing")
    try:
        return cls(**values)
    except InvalidSettings as error:
        raise InvalidSettings(f"{where}: {error}" if where else str(error)) from None


def plain(value: object) -> Any:
    """Dictionaries, lists, numbers and text only: what JSON can hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return value


@functools.cache
def _type_hints(cls: Any) -> Mapping[str, Any]:
    """A class's annotations, which are text until they are evaluated: that takes its time."""
    return get_type_hints(cls)


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _value(hint: Any, value: object, where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _union(args, value, where)
    if origin is typing.Literal:
        if not any(type(value) is type(a) and value == a for a in args):  # 1.0 == True == 1
            allowed = ", ".join(repr(a) for a in args)
            raise InvalidSettings(f"{where} is {_quoted(value)}; allowed: {allowed}")
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise InvalidSettings(f"{where} must be a list, not {_quoted(value)}")
        kinds = (args[0],) * len(value) if args[-1] is Ellipsis else args
        if len(kinds) != len(value):
            raise InvalidSettings(f"{where} must have {len(kinds)} entries, not {len(value)}")
        return tuple(
            _value(k, v, f"{where}[{i}]") for i, (k, v) in enumerate(zip(kinds, value, strict=True))
        )
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise InvalidSettings(f"{where} must be a table of keys, not {_quoted(value)}")
        return {str(k): _value(args[1], v, _join(where, str(k))) for k, v in value.items()}
    if dataclasses.is_dataclass(hint):
        return read(typing.cast("type[Any]", hint), value, where)
    return _scalar(hint, value, where)


def _union(kinds: tuple[Any, ...], value: object, where: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    kinds = tuple(k for k in kinds if k is not type(None))
    errors = []
    for kind in kinds:
        try:
            return _value(kind, value, where)
        except InvalidSettings as error:
            errors.append(str(error))
    raise InvalidSettings("; or ".join(errors))


def _scalar(kind: Any, value: object, where: str) -> Any:
    if kind is Any or kind is object:
        _check_finite(value, where)
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise InvalidSettings(f"{where} is too large for a number: {_quoted(value)}") from None
    if not isinstance(value, kind) or (kind in (int, float) and isinstance(value, bool)):
        raise InvalidSettings(f"{where} must be {_KINDS.get(kind, kind)}, not {_quoted(value)}")
    _check_finite(value, where)
    return value


def _check_finite(value: object, where: str) -> None:
    """Refuse NaN, infinities and integers of more than 64 bits.

    No limit is ever reached, or missed, by the first; and Python will not write an integer of
    thousands of digits into the message of whoever refuses it.
    """
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        raise InvalidSettings(f"{where} does not fit into 64 bits: {_quoted(value)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidSettings(f"{where} must be a finite number, not {value}")
    if isinstance(value, Mapping):
        for key, item in value.items():
            _check_finite(item, _join(where, str(key)))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check_finite(item, f"{where}[{index}]")


_KINDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


def _quoted(value: object) -> str:
    """A value in short, for a message."""
    if isinstance(value, int) and value.bit_length() > 256:
        return (
            "an integer of more than 75 digits"  # from 4,300 digits on, Python refuses to write it
        )
    try:
        return f"{value!r}"[:60]
    except ValueError:  # such an integer, within a list
        return f"a {type(value).__name__}"
