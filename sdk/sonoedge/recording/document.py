"""recording.json: what a clip is of, and what its frames met."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.bundle.manifest import Digest
from sonoedge.device.fingerprint import CpuBox
from sonoedge.errors import InvalidRecording, InvalidSettings
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.tracker_state import TrackerState
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.recording.trigger import Trigger
from sonoedge.settings import plain, read
from sonoedge.strict_json import object_of_version, parse_json

SCHEMA_VERSION: Final = 1
NAME: Final = "recording.json"
MOST_BYTES: Final = 16 << 20
_SEAL: Final = "sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEngine:
    """What answered.

    Attributes:
        bundle_id, manifest_sha256: the bundle.
        variant, runtime, precision, engine_sha256: as in `Origin`.
        threads: the engine's CPU threads.
        machine: processor, instructions and packages.
        seeds: of random numbers, by name; none, as an analysis draws no random number.
    """

    bundle_id: str
    manifest_sha256: str
    variant: str
    runtime: str
    precision: str
    engine_sha256: str
    threads: int
    machine: CpuBox
    seeds: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSettings:
    """The session's settings, each as it was used.

    Attributes:
        roi: in place of the bundle's; None where it was the bundle's.
        tracking: None where nothing tracked.
        max_age_ms, deadline_ms: see `sonoedge.live`.
    """

    roi: Roi | None
    guard: GuardSettings
    tracking: TrackingSettings | None
    max_age_ms: float
    deadline_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStart:
    """What was remembered of a stream before the clip's first frame.

    Attributes:
        stream: its number.
        tracker: None where nothing tracked.
        picture: file of the last picture that the guard saw; None before the first.
        since_ns: capture time from which on that picture had not changed.
    """

    stream: int
    tracker: TrackerState | None
    picture: str | None
    since_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """The session's state from a moment on."""

    at_ns: int
    state: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """All that recording.json says.

    Attributes:
        triggers: why the clip was written, the first first.
        engine_number: which of the session's engines `streams` is of.
        streams: one entry per stream that was known.
        states: the session's, the first the one that the clip begins in.
        frames: how many rows frames.jsonl has.
        cut: why the clip is shorter than asked for: MEMORY or CLOSED; "" where it is not.
        out_of_step: answers, since the session began, that another memory than the recorded
            one gave; where it is not 0, `streams` may be wrong.
        files: size and SHA-256 of every other file.
    """

    schema_version: int
    triggers: tuple[Trigger, ...]
    engine: RecordedEngine
    settings: RecordedSettings
    engine_number: int
    streams: tuple[StreamStart, ...]
    states: tuple[StateChange, ...]
    frames: int
    cut: str
    out_of_step: int
    files: Mapping[str, Digest]


def document_bytes(document: Document) -> bytes:
    """The file, with a digest over all else that it says."""
    values = plain(document)
    values[_SEAL] = _seal(values)
    return (json.dumps(values, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def parse_document(data: bytes) -> Document:
    """Read what `document_bytes` wrote.

    Raises:
        InvalidRecording: it is damaged, or of another schema version.
    """
    try:
        parsed = parse_json(data, NAME, most_bytes=MOST_BYTES)
        values = object_of_version(parsed, NAME, SCHEMA_VERSION)
        if values.pop(_SEAL, None) != _seal(values):
            raise InvalidSettings(f"{NAME} is damaged: its digest is another")
        return read(Document, values)
    except InvalidSettings as error:
        raise InvalidRecording(f"the recording cannot be read: {error}; copy it again") from None


def _seal(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
