"""A clip into its folder: whole or not at all, readable by its owner alone."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from sonoedge.analysis import Analysed, Analysis
from sonoedge.bundle.digest import digest
from sonoedge.bundle.manifest import Digest
from sonoedge.durable import sync_folder, write_durably
from sonoedge.outputs.jsonl import line
from sonoedge.processing.blanking import blanked
from sonoedge.processing.preprocess import Pixels
from sonoedge.processing.tracker_state import TrackerState
from sonoedge.recording.clip import Clip
from sonoedge.recording.document import (
    NAME,
    SCHEMA_VERSION,
    Document,
    RecordedEngine,
    RecordedSettings,
    StreamStart,
    document_bytes,
)
from sonoedge.recording.picture import encode
from sonoedge.recording.place import OWNER_ONLY, Place
from sonoedge.recording.rows import row_line, row_of, text
from sonoedge.stream_memory import StreamState

FRAMES: Final = "frames.jsonl"
RESULTS: Final = "results.jsonl"
ANSWERS: Final = "answers.jsonl"
PICTURES: Final = "pictures"
_PRIVATE: Final = 0o600


def write_clip(
    place: Place,
    clip: Clip,
    streams: Mapping[str, int],
    engine: RecordedEngine,
    settings: RecordedSettings,
    *,
    blank: bool = False,
    rest: Callable[[float], object] = lambda busy_s: None,
) -> str:
    """Write a clip; returns its name.

    Args:
        streams: the number of each stream.
        blank: write pixels outside the tissue region black.
        rest: called after each picture with the seconds of processor time that it took.

    Raises:
        OSError: it cannot be written, as on a full disk; nothing of it is left.
        OutputError: a frame cannot be encoded, or the clip is larger than all may be.
        InvalidSource: a frame is to be blanked, and has no region that can be trusted.
    """
    draft = place.draft()
    try:
        writer = _Writer(draft)
        (draft / PICTURES).mkdir(mode=OWNER_ONLY)
        starts = tuple(
            writer.start(streams[stream], memory) for stream, memory in clip.memories.items()
        )
        rows, results, answers = [], [], []
        for moment in clip.moments:
            picture = None
            if moment.frame is not None and not moment.lost:
                picture = f"{PICTURES}/{moment.frame_id:09d}.png"
                begin_s = time.thread_time()
                pixels = blanked(moment.frame) if blank else moment.frame.pixels
                writer.picture(picture, pixels)
                rest(time.thread_time() - begin_s)
            rows.append(row_line(row_of(moment, streams[moment.stream], picture)))
            if moment.result is not None:
                results.append(_line(moment.result, moment.frame_id))
            if moment.answer is not None and not _told(moment.answer, moment.result):
                answers.append(_line(moment.answer, moment.frame_id))
        writer.file(FRAMES, b"".join(rows))
        writer.file(RESULTS, b"".join(results))
        writer.file(ANSWERS, b"".join(answers))
        document = Document(
            schema_version=SCHEMA_VERSION,
            triggers=clip.triggers,
            engine=engine,
            settings=settings,
            engine_number=clip.engine_number,
            streams=starts,
            states=clip.states,
            frames=len(rows),
            cut=clip.cut,
            out_of_step=clip.out_of_step,
            files=writer.files,
        )
        sync_folder(draft / PICTURES)
        write_durably(draft / NAME, document_bytes(document), _PRIVATE)
        return place.keep(draft, clip.triggers[0].kind)
    except BaseException:
        place.drop(draft)
        raise


class _Writer:
    """Files of a draft, and their digests."""

    def __init__(self, draft: Path) -> None:
        self._draft = draft
        self.files: dict[str, Digest] = {}

    def file(self, path: str, data: bytes) -> None:
        write_durably(self._draft / path, data, _PRIVATE)
        self.files[path] = digest(data)

    def picture(self, path: str, pixels: Pixels) -> None:
        self.file(path, encode(pixels))

    def start(self, stream: int, memory: StreamState) -> StreamStart:
        """What a stream's first frame met; the picture that the guard remembers is a file."""
        path = None
        since_ns = 0
        if memory.frozen is not None:
            since_ns = memory.frozen.since_ns
            if memory.frozen.picture is not None:
                path = f"{PICTURES}/before-{stream}.png"
                self.picture(path, memory.frozen.picture)
        return StreamStart(
            stream=stream, tracker=_clean(memory.tracker), picture=path, since_ns=since_ns
        )


def _clean(tracker: TrackerState | None) -> TrackerState | None:
    """The same, its scene's names as `frames.jsonl` has them."""
    if tracker is None or tracker.scene is None:
        return tracker
    scene = tracker.scene
    cleaned = dataclasses.replace(scene, probe=text(scene.probe), preset=text(scene.preset))
    return dataclasses.replace(tracker, scene=cleaned)


def _line(analysis: Analysis, frame_id: int) -> bytes:
    """A line in the form of docs/reference/jsonl.md; an error's words are left out."""
    if not isinstance(analysis, Analysed):
        analysis = dataclasses.replace(analysis, detail="")
    return line(dataclasses.replace(analysis, frame_id=frame_id))


def _told(answer: Analysis, result: Analysis | None) -> bool:
    """Whether the answer is what the frame was told."""
    if isinstance(answer, Analysed):
        return isinstance(result, Analysed)
    return (
        result is not None
        and not isinstance(result, Analysed)
        and (result.reasons == answer.reasons)
    )
