"""What an audit log may hold: each kind of record, with its exact keys and their types.

This table is the allow-list. A value is a number, a truth value, a digest or a token; free
text has no type here, so that no patient's name, no path and no exception's message can get in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from sonoedge.errors import InvalidSettings

Type: TypeAlias = Literal["count", "number", "truth", "token", "digest"]
Value: TypeAlias = int | float | bool | str

LARGEST: Final = (1 << 63) - 1
TOKEN: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}", re.ASCII)
DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
NONE: Final = "none"  # the token of what there is none of

_SESSION: Final[Mapping[str, Type]] = {"session": "token"}
_UPDATE: Final[Mapping[str, Type]] = {"manifest": "digest", "passed": "truth", "reason": "token"}

KINDS: Final[Mapping[str, Mapping[str, Type]]] = {
    # Of the log itself.
    "created": {"log": "token"},
    "opened": {"boot": "token", "sdk": "token"},
    "seal": {"epoch": "count", "records": "count", "mac": "digest"},
    "rolled": {"first": "count", "through": "count", "hash": "digest"},
    "torn": {"bytes": "count"},
    "lost": {"count": "count", "reason": "token"},
    "limited": {"of": "token", "count": "count"},
    # Of a live session.
    "session_start": {**_SESSION, "max_age_ms": "number", "threshold": "number"},
    "session_stop": {
        **_SESSION,
        "submitted": "count",
        "analysed": "count",
        "not_analysed": "count",
        "superseded": "count",
        "in_flight": "count",
    },
    "bundle_opened": {**_SESSION, "manifest": "digest", "bundle": "token", "signer": "token"},
    "co_signer": {**_SESSION, "signer": "token"},
    "start_refused": {**_SESSION, "error": "token"},
    "state": {**_SESSION, "state": "token", "reason": "token", "reasons": "count"},
    "self_test": {
        **_SESSION,
        "passed": "truth",
        "error": "token",
        "variant": "token",
        "engine": "token",
    },
    "golden": {**_SESSION, "passed": "count"},
    "golden_failed": {**_SESSION, "error": "token"},
    "frames": {**_SESSION, "submitted": "count", "analysed": "count", "flagged": "count"},
    "drops": {**_SESSION, "reason": "token", "count": "count"},
    "flag": {
        **_SESSION,
        "stream": "count",
        "frame": "count",
        "track": "count",
        "regions": "count",
    },
    "frame_flag": {**_SESSION, "stream": "count", "frame": "count", "regions": "count"},
    "shadow": {
        **_SESSION,
        "candidate": "digest",
        "compared": "count",
        "flags": "count",
        "regions": "count",
        "suspicions": "count",
        "not_analysed": "count",
        "failures": "count",
    },
    # Of an update on the device.
    "install": _UPDATE,
    "activate": _UPDATE,
    "fall_back": _UPDATE,
    "mark_good": _UPDATE,
}

# Written by the log itself, and by nobody else.
OWN_KINDS: Final = frozenset(("created", "opened", "seal", "rolled", "torn", "lost", "limited"))


def check_record(kind: str, values: Mapping[str, object]) -> None:
    """Refuse whatever the table does not allow.

    Raises:
        InvalidSettings: the kind or a key is unknown or missing, or a value is not of its type.
            The message names the key, and never the value.
    """
    keys = KINDS.get(kind) if type(kind) is str else None
    if keys is None:
        raise InvalidSettings(f"an audit log has no such kind of record; use: {', '.join(KINDS)}")
    if values.keys() != keys.keys():
        raise InvalidSettings(f"{kind} has exactly these keys: {', '.join(keys)}")
    for key, value in values.items():
        if not _is(keys[key], value):
            raise InvalidSettings(f"{kind}.{key} must be {MEANING[keys[key]]}")


def as_token(text: str) -> str:
    """A text as it is where it is a token; else that there is something, and not what."""
    return text if TOKEN.fullmatch(text) else "other" if text else NONE


MEANING: Final[Mapping[Type, str]] = {
    "count": "a whole number from 0 to 2^63 - 1",
    "number": "a finite number",
    "truth": "true or false",
    "token": "1 to 80 of the characters A-Z a-z 0-9 _ . -",
    "digest": "64 hexadecimal digits",
}


def _is(kind: Type, value: object) -> bool:
    if kind == "count":
        return type(value) is int and 0 <= value <= LARGEST
    if kind == "number":
        return type(value) is float and math.isfinite(value)
    if kind == "truth":
        return type(value) is bool
    pattern = TOKEN if kind == "token" else DIGEST
    return type(value) is str and pattern.fullmatch(value) is not None
