"""A recording's document, and its lines of frames and answers."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import TINY, as_json
from sample_recordings.moments import analysed, moment, refused, region
from sonoedge import GuardSettings, Reason, TrackingSettings
from sonoedge.bundle import read_bundle
from sonoedge.bundle.digest import digest
from sonoedge.errors import InvalidSettings, SonoedgeError
from sonoedge.outputs.jsonl import line
from sonoedge.processing.tracking import Tracker
from sonoedge.recording import document
from sonoedge.recording.description import Description
from sonoedge.recording.document import StateChange, StreamStart, document_bytes, parse_document
from sonoedge.recording.reading import read_recording
from sonoedge.recording.rows import row_line, row_of
from sonoedge.recording.trigger import Trigger
from sonoedge.settings import plain

FLAGGED = analysed(region(0.9, track_id=0), up=True, frame_id=1)
ROWS = row_line(row_of(moment(0.001, FLAGGED, frame_id=1), 0, "pictures/000000001.png"))
RESULTS = line(FLAGGED)
ANSWERS = line(refused(Reason.BLACK))


def _seed() -> bytes:
    bundle = read_bundle(TINY)
    description = Description(
        bundle.manifest, bundle.manifest_sha256, threads=1, roi=None, guard=GuardSettings(),
        tracking=TrackingSettings(), max_age_ms=150.0, deadline_ms=500.0,
    )  # fmt: skip
    description.engine(FLAGGED.origin)
    tracker = Tracker(TrackingSettings(), 0.5)
    tracker.update([region()], 5)
    files = {"frames.jsonl": ROWS, "results.jsonl": RESULTS, "answers.jsonl": ANSWERS}
    return document_bytes(
        document.Document(
            schema_version=1, frames=1, cut="", out_of_step=0, engine_number=1,
            triggers=(Trigger(kind="flag", reason="FRAME_FLAG", at_ns=1, frame=1),),
            engine=description.recorded_engine(), settings=description.recorded_settings(),
            streams=(StreamStart(stream=0, tracker=tracker.state(), picture=None, since_ns=0),),
            states=(StateChange(at_ns=0, state="READY", reasons=()),),
            files={name: digest(data) for name, data in files.items()}
            | {"pictures/000000001.png": digest(b"x")},
        )
    )  # fmt: skip


SEED = _seed()
TREES: list[Any] = [json.loads(SEED), json.loads(ROWS), json.loads(RESULTS)]


def encode(tree: Any) -> bytes:
    """A tree's bytes; of a document with the digest over it made right."""
    if isinstance(tree, dict) and "files" in tree:
        with contextlib.suppress(ValueError, TypeError):
            bare = {key: value for key, value in tree.items() if key != "sha256"}
            tree = bare | {"sha256": document._seal(bare)}
    return as_json(tree)


def attack(data: bytes) -> None:
    """An input is read as the document, and as a line of each kind beneath a sound document."""
    with contextlib.suppress(SonoedgeError):
        plain(parse_document(data))
    whole = data if data.endswith(b"\n") else data + b"\n"
    for changed in ("recording.json", "frames.jsonl", "results.jsonl", "answers.jsonl"):
        files = {"frames.jsonl": ROWS, "results.jsonl": RESULTS, "answers.jsonl": ANSWERS}
        sealed = SEED
        if changed in files:
            files[changed] = whole
            tree = json.loads(SEED)
            tree["files"] |= {changed: asdict(digest(whole))}
            sealed = encode(tree)
        for name, content in files.items():
            scratch_file(f"clip/{name}", content)
        folder = scratch_file("clip/recording.json", sealed if changed in files else data).parent
        with contextlib.suppress(SonoedgeError):
            read_recording(folder)


POINT = EntryPoint(
    attack=attack,
    seeds=(SEED, ROWS, RESULTS),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=TREES, encode=encode),
    tolerated=(InvalidSettings,),
    suffix=".json",
)
