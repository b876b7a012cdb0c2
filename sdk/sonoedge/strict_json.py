"""JSON of which two readers cannot make two things, read within bounds.

Python's own reader takes UTF-16, a byte order mark, NaN, doubled keys and numbers of any
length, and reaches its recursion limit on deep nesting. RFC 8259 leaves each of these to the
reader (its sections 4, 6, 8.1 and 9), so the same bytes could mean one thing to a person and
another to a device.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from sonoedge.errors import InvalidSettings

MOST_BYTES: Final = 1 << 20
MOST_LEVELS: Final = 32
MOST_DIGITS: Final = 100
LARGEST_INTEGER: Final = (1 << 63) - 1

# A string up to its end, or up to the text's where it has none; or a bracket outside of strings.
# Each alternative of the string's pattern begins differently: it never has to try again.
_BRACKETS: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def parse_json(
    data: bytes, name: str, *, most_bytes: int = MOST_BYTES, most_levels: int = MOST_LEVELS
) -> Any:
    """Read a JSON document strictly.

    Refused are: anything but UTF-8 without a byte order mark, keys that stand twice in an
    object, NaN and infinities (written as such, or too large for a double), integers outside
    of 64 bits, unpaired surrogates, numbers of more than 100 characters, and a document that is
    longer or nested deeper than its kind ever is.

    Args:
        data: the document's bytes.
        name: the document, for messages; such as the file's name.
        most_bytes: longest document, bytes.
        most_levels: deepest nesting of lists and objects.

    Returns:
        dictionaries, lists, text, finite numbers, True, False and None.

    Raises:
        InvalidSettings: the message names the document and what is wrong with it.
    """
    if len(data) > most_bytes:
        raise InvalidSettings(f"{name} has {len(data)} bytes; at most {most_bytes} are read")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidSettings(f"{name} is not UTF-8 text: byte {error.start} is wrong") from None
    if text.startswith("\ufeff"):
        raise InvalidSettings(f"{name} begins with a byte order mark; save it as plain UTF-8")
    _check_depth(text, name, most_levels)
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise InvalidSettings(f"{name} is not valid JSON: {error}") from None
    if "\\u" in text:  # the only way in for half a surrogate pair: UTF-8 has none
        _check_surrogates(value, name)
    return value


def object_of_version(value: object, name: str, wanted: int) -> dict[str, Any]:
    """The object that a document is, if its schema_version is the one that is read here.

    Raises:
        InvalidSettings: it is no object, or of no or another schema version.
    """
    if not isinstance(value, dict):
        raise InvalidSettings(f"{name} is not a JSON object")
    if "schema_version" not in value:
        raise InvalidSettings(f"{name} has no schema_version")
    version = value["schema_version"]
    if type(version) is not int or version != wanted:
        raise InvalidSettings(
            f"{name} has schema version {version!r:.40}, this sonoedge reads {wanted}"
        )
    return value


def _check_depth(text: str, name: str, most_levels: int) -> None:
    level = 0
    for match in _BRACKETS.finditer(text):
        token = match[0]
        if token in ("[", "{"):
            level += 1
            if level > most_levels:
                raise InvalidSettings(f"{name} is nested more than {most_levels} levels deep")
        elif token in ("]", "}"):
            level -= 1


def _check_surrogates(value: object, name: str) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _check_surrogates(key, name)
            _check_surrogates(item, name)
    elif isinstance(value, list):
        for item in value:
            _check_surrogates(item, name)
    elif isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
        raise InvalidSettings(f"{name} holds half a surrogate pair, which is no character")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) == len(pairs):
        return values
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    raise ValueError(f"the key {key[:60]!r} stands twice in one object")


def _integer(digits: str) -> int:
    if len(digits) <= 20:
        value = int(digits)
        if abs(value) <= LARGEST_INTEGER:
            return value
    raise ValueError(f"the integer {digits[:20]} does not fit into 64 bits")


def _float(digits: str) -> float:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"the number {digits[:20]}... has {len(digits)} characters")
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"the number {digits} is too large for a double")
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_constant,
)
