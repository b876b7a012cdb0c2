"""state.json: which bundle runs, which one ran before, and which may not run any more.

It is the one truth of a store: everything else is derived from it, or never changes.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from sonoedge.bounded_read import read_bounded
from sonoedge.bundle.location import SHA256
from sonoedge.bundle.names import check_text, printable
from sonoedge.durable import replace_durably
from sonoedge.errors import InvalidSettings, SonoedgeError, StoreError
from sonoedge.json_schema import Constraint, Schema, schema_of
from sonoedge.settings import plain, read
from sonoedge.store.layout import Layout
from sonoedge.strict_json import object_of_version, parse_json

SCHEMA_VERSION: Final = 1
MOST_TRIES: Final = 3
MOST_BLOCKED: Final = 256  # the oldest are forgotten: the file stays small
MOST_BYTES: Final = 1 << 16
MOST_TEXT: Final = 1000  # characters of a message that is kept
Sha256 = Annotated[str, Constraint(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FallBack:
    """Why the store went back to the bundle that ran before.

    Attributes:
        sha256: the bundle that was given up.
        token: of the error that it was given up for; "ASKED_FOR" where somebody asked.
        why: the error's message.
    """

    sha256: Sha256
    token: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What state.json holds. Bundles are named by the SHA-256 of their manifest.

    Attributes:
        schema_version: 1.
        seq: counts the changes.
        active: the bundle that runs; None before the first was activated.
        previous: the last one before it that was marked good: what is fallen back to.
        trial: the active one where it has not been marked good yet, else None.
        tries: how often a bundle was loaded since it last passed its self-test, or since it
            was activated; counted before it is loaded.
        blocked: bundles that failed as often as one may, the newest last; 256 at most.
        last_fall_back: why the store last went back.
    """

    schema_version: int
    seq: Annotated[int, Constraint(minimum=0)]
    active: Sha256 | None
    previous: Sha256 | None
    trial: Sha256 | None
    tries: Mapping[str, Annotated[int, Constraint(minimum=0)]]
    blocked: tuple[Sha256, ...]
    last_fall_back: FallBack | None

    def __post_init__(self) -> None:
        given = (self.active, self.previous, self.trial, *self.tries, *self.blocked)
        gone = () if self.last_fall_back is None else (self.last_fall_back.sha256,)
        for name in (*given, *gone):
            if name is not None and not SHA256.fullmatch(name):
                raise InvalidSettings(f"{name[:80]!r} is no SHA-256 of 64 hexadecimal digits")
        if min((self.seq, *self.tries.values())) < 0:
            raise InvalidSettings("seq and tries must be 0 or more")
        if self.trial not in (None, self.active):
            raise InvalidSettings("trial is a bundle that is not active")
        if self.previous is not None and self.previous == self.active:
            raise InvalidSettings("previous and active are the same bundle")
        if self.active is not None and self.active in self.blocked:
            raise InvalidSettings("the active bundle is blocked")
        if self.last_fall_back is not None:
            check_text(self.last_fall_back.why, "last_fall_back.why")


EMPTY: Final = State(
    schema_version=SCHEMA_VERSION,
    seq=0,
    active=None,
    previous=None,
    trial=None,
    tries={},
    blocked=(),
    last_fall_back=None,
)


def read_state(layout: Layout) -> State:
    """The state; that of an empty store where nothing was activated yet.

    Raises:
        StoreError: it is damaged, or of a newer sonoedge.
    """
    try:
        data = read_bounded(layout.state, MOST_BYTES)
    except FileNotFoundError:
        return EMPTY
    except OSError as error:
        raise StoreError(f"the store's state cannot be read: {error.strerror}") from None
    try:
        return _parse(data)
    except InvalidSettings as error:
        raise StoreError(
            f"the store's state is damaged: {error}; restore state.json, or remove it and activate "
            "an installed bundle again: sonoedge store activate"
        ) from None


def write_state(layout: Layout, state: State, **changes: Any) -> State:
    """Replace the state in one step: after a power cut it is the old one or this one.

    The lock must be held.

    Args:
        state: what was read under the same lock.
        changes: fields with other values.

    Returns:
        what was written; its `seq` is one more.

    Raises:
        StoreError: it cannot be written.
    """
    following = dataclasses.replace(state, **changes, seq=state.seq + 1)
    text = json.dumps(plain(following), indent=1, sort_keys=True) + "\n"
    try:
        replace_durably(layout.state, text.encode())
    except OSError as error:
        raise StoreError(f"the store's state cannot be written: {error.strerror}") from None
    return following


def because(sha256: str, error: SonoedgeError) -> FallBack:
    """The reason that an error is, as the state keeps it."""
    return FallBack(sha256=sha256, token=error.token, why=printable(str(error))[:MOST_TEXT])


def without(state: State, sha256: str) -> dict[str, int]:
    """The tries of all other bundles."""
    return {name: count for name, count in state.tries.items() if name != sha256}


def state_schema() -> Schema:
    """The JSON Schema of state.json."""
    return schema_of(State, "urn:sonoedge:store-state:1")


def _parse(data: bytes) -> State:
    document = parse_json(data, "state.json", most_bytes=MOST_BYTES)
    version = document.get("schema_version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise StoreError(
            f"the store's state is of a newer sonoedge (schema version {version}, this one reads "
            f"{SCHEMA_VERSION}); update sonoedge"
        )
    return read(State, object_of_version(document, "state.json", SCHEMA_VERSION))
