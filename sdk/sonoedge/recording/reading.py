"""A clip, read back: every byte is checked before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sonoedge.bundle.digest import digest
from sonoedge.bundle.reading import OpenFolder
from sonoedge.errors import BundleError, InvalidRecording, InvalidSettings, UnsafeContent
from sonoedge.guard.frozen import FrozenState
from sonoedge.outputs.jsonl import SCHEMA_VERSION
from sonoedge.processing.preprocess import Pixels
from sonoedge.recording.answer import Answer, answer_from
from sonoedge.recording.document import MOST_BYTES, NAME, Document, StreamStart, parse_document
from sonoedge.recording.picture import decode
from sonoedge.recording.place import clips
from sonoedge.recording.rows import Row
from sonoedge.recording.writing import ANSWERS, FRAMES, RESULTS
from sonoedge.settings import read
from sonoedge.stream_memory import StreamState
from sonoedge.strict_json import object_of_version, parse_json

MOST_FILE_BYTES: Final = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedClip:
    """A clip whose text has been read and checked; pictures are read one by one.

    Attributes:
        name: its folder's.
        document: what it is of.
        rows: its frames, in the order in which they got their outcomes.
        answers: the engine's answer to each frame that it answered, by the frame's id.
    """

    name: str
    document: Document
    rows: tuple[Row, ...]
    answers: Mapping[int, Answer]
    _folder: OpenFolder = field(repr=False, compare=False)

    def pixels(self, path: str) -> Pixels:
        """A picture, uint8, (H, W) or (H, W, 3) BGR.

        Raises:
            InvalidRecording: it is missing, damaged, or no such picture.
        """
        return decode(_read(self._folder, self.document, path), path)

    def start(self, stream: StreamStart) -> StreamState:
        """What was remembered of a stream before the first frame.

        Raises:
            InvalidRecording: its picture cannot be read.
        """
        picture = None if stream.picture is None else self.pixels(stream.picture)
        return StreamState(
            frozen=FrozenState(picture=picture, since_ns=stream.since_ns), tracker=stream.tracker
        )


def recordings(folder: Path) -> list[Path]:
    """The clips that a folder is, or holds, oldest first.

    Raises:
        InvalidRecording: it is none and holds none.
    """
    if (folder / NAME).exists():
        return [folder]
    names = clips(folder)
    if not names:
        raise InvalidRecording(
            f"{str(folder)!r} holds no recording: it has no {NAME} and no clips; give the folder "
            "that was recorded into, or a clip's"
        )
    return [folder / name for name in names]


def read_recording(folder: Path) -> RecordedClip:
    """Read a clip.

    Raises:
        InvalidRecording: it is damaged, incomplete, reached through links, or of another
            schema version.
    """
    try:
        opened = OpenFolder(folder)
        document = parse_document(opened.read_at_most(NAME, MOST_BYTES))
    except BundleError as error:
        raise _unreadable(NAME, error) from None
    try:
        lines = _lines(opened, document, FRAMES)
        rows = tuple(read(Row, line, f"{FRAMES}:{n}") for n, line in enumerate(lines, 1))
        results = _answers(opened, document, RESULTS)
        late = _answers(opened, document, ANSWERS)
        _check(document, rows)
        answers = {}
        for row in rows:
            if row.answered:
                answer = late.get(row.frame) or results.get(row.frame)
                if answer is None:
                    raise InvalidSettings(f"frame {row.frame} has no answer")
                answers[row.frame] = answer
    except InvalidSettings as error:
        raise InvalidRecording(f"the recording cannot be read: {error}; copy it again") from None
    return RecordedClip(
        name=folder.name, document=document, rows=rows, answers=answers, _folder=opened
    )


def _check(document: Document, rows: tuple[Row, ...]) -> None:
    if len(rows) != document.frames:
        raise InvalidSettings(f"{FRAMES} has {len(rows)} lines, not {document.frames}")
    if len({row.frame for row in rows}) != len(rows):
        raise InvalidSettings(f"{FRAMES} names a frame twice")
    named = [row.picture for row in rows] + [start.picture for start in document.streams]
    for path in named:
        if path is not None and path not in document.files:
            raise InvalidSettings(f"{path[:80]!r} is not among the recording's files")
    for row in rows:
        if row.answered and row.picture is None:
            raise InvalidSettings(f"frame {row.frame} was answered and has no picture")


def _lines(folder: OpenFolder, document: Document, path: str) -> list[Any]:
    data = _read(folder, document, path)
    if data and not data.endswith(b"\n"):
        raise InvalidSettings(f"{path} is cut off")
    lines = data.split(b"\n")[:-1]
    return [parse_json(line, f"{path}:{number}") for number, line in enumerate(lines, 1)]


def _answers(folder: OpenFolder, document: Document, path: str) -> dict[int, Answer]:
    answers = {}
    for number, value in enumerate(_lines(folder, document, path), 1):
        line = object_of_version(value, f"{path}:{number}", SCHEMA_VERSION)
        frame = line.get("frame")
        if not isinstance(frame, int):
            raise InvalidSettings(f"{path}:{number} names no frame")
        answers[frame] = answer_from(line)
    return answers


def _read(folder: OpenFolder, document: Document, path: str) -> bytes:
    expected = document.files.get(path)
    if expected is None:
        raise InvalidRecording(f"the recording names no {path}; copy it again")
    if not 0 <= expected.bytes <= MOST_FILE_BYTES:
        raise InvalidRecording(f"{path} claims {expected.bytes} bytes; at most {MOST_FILE_BYTES}")
    try:
        data = folder.read(path, expected.bytes)
    except BundleError as error:
        raise _unreadable(path, error) from None
    if digest(data) != expected:
        raise InvalidRecording(
            f"{path} is not the file that was recorded; copy the recording again"
        )
    return data


def _unreadable(path: str, error: BundleError) -> InvalidRecording:
    why = (
        "is reached through a link, is no regular file, or is too long"
        if isinstance(error, UnsafeContent)
        else "is missing, or has another size than was recorded"
    )
    return InvalidRecording(f"{path} of the recording {why}; copy the recording again")
