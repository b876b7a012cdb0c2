"""A damaged recording is a typed error; whatever was done to it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.bundle.digest import digest
from sonoedge.errors import InvalidRecording
from sonoedge.recording import read_recording, recordings, replay_clip
from sonoedge.recording.document import document_bytes, parse_document
from sonoedge.recording.reading import RecordedClip
from sonoedge.settings import plain

Attack = Callable[[Path], None]


def picture(folder: Path, number: int = 3) -> Path:
    return sorted((folder / "pictures").glob("0*.png"))[number]


def sealed(folder: Path, **changes: object) -> None:
    """Change the document and seal it again, as somebody who knows how would."""
    import dataclasses

    file = folder / "recording.json"
    document = parse_document(file.read_bytes())
    file.write_bytes(document_bytes(dataclasses.replace(document, **changes)))  # type: ignore[arg-type]


def replaced(folder: Path, path: str, data: bytes) -> None:
    """Change a file, its digest with it."""
    (folder / path).write_bytes(data)
    document = parse_document((folder / "recording.json").read_bytes())
    sealed(folder, files={**document.files, path: digest(data)})


def swap(folder: Path) -> None:
    a, b = picture(folder, 3), picture(folder, 4)
    a.rename(folder / "aside")
    b.rename(a)
    (folder / "aside").rename(b)


def link(folder: Path) -> None:
    file = picture(folder)
    file.rename(folder / "elsewhere.png")
    file.symlink_to(folder / "elsewhere.png")


def link_folder(folder: Path) -> None:
    (folder / "pictures").rename(folder / "elsewhere")
    (folder / "pictures").symlink_to(folder / "elsewhere")


def pipe(folder: Path) -> None:
    picture(folder).unlink()
    os.mkfifo(picture_path(folder))


def picture_path(folder: Path) -> Path:
    names = parse_document((folder / "recording.json").read_bytes()).files
    missing = [n for n in names if n.endswith(".png") and not (folder / n).exists()]
    return folder / missing[0]


def edit(path: str, change: Callable[[bytes], bytes]) -> Attack:
    def attack(folder: Path) -> None:
        (folder / path).write_bytes(change((folder / path).read_bytes()))

    return attack


def reseal(path: str, change: Callable[[bytes], bytes]) -> Attack:
    return lambda folder: replaced(folder, path, change((folder / path).read_bytes()))


def newer(data: bytes) -> bytes:
    return data.replace(b'"schema_version": 1', b'"schema_version": 2')


def hostile_png(folder: Path) -> None:
    """A picture of 20,000 x 20,000 in a few kilobytes, its digest right."""
    huge = cv2.imencode(".png", np.zeros((20_000, 20_000), dtype=np.uint8))[1].tobytes()
    replaced(folder, picture(folder).relative_to(folder).as_posix(), huge)


def other_shape(folder: Path) -> None:
    alpha = cv2.imencode(".png", np.zeros((4, 4, 4), dtype=np.uint8))[1].tobytes()
    replaced(folder, picture(folder).relative_to(folder).as_posix(), alpha)


def first_line(change: Callable[[dict[str, object]], None]) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        lines = data.splitlines()
        values = json.loads(lines[0])
        change(values)
        return b"\n".join([json.dumps(values).encode(), *lines[1:]]) + b"\n"

    return changed


ATTACKS: dict[str, Attack] = {
    "document cut": edit("recording.json", lambda d: d[: len(d) // 2]),
    "document empty": edit("recording.json", lambda d: b""),
    "document is a list": edit("recording.json", lambda d: b"[]"),
    "document newer": edit("recording.json", newer),
    "document bit": edit("recording.json", lambda d: d.replace(b'"threads": 1', b'"threads": 2')),
    "document gone": lambda f: (f / "recording.json").unlink(),
    "document nested": edit("recording.json", lambda d: b"[" * 100_000),
    "rows cut": edit("frames.jsonl", lambda d: d[:-7]),
    "rows cut and sealed": reseal("frames.jsonl", lambda d: d[:-7]),
    "row gone": reseal("frames.jsonl", lambda d: d.partition(b"\n")[2]),
    "row twice": reseal("frames.jsonl", lambda d: d.partition(b"\n")[0] + b"\n" + d),
    "row unknown key": reseal("frames.jsonl", first_line(lambda v: v.update(more=1))),
    "row outside": reseal("frames.jsonl", first_line(lambda v: v.update(picture="../../x.png"))),
    "row NaN": reseal("frames.jsonl", lambda d: d.replace(b'"at_ns":', b'"at_ns":NaN,"x":', 1)),
    "row without picture": reseal("frames.jsonl", first_line(lambda v: v.update(picture=None))),
    "results gone": lambda f: (f / "results.jsonl").unlink(),
    "result gone": reseal("results.jsonl", lambda d: d.partition(b"\n")[2]),
    "result newer": reseal("results.jsonl", first_line(lambda v: v.update(schema_version=2))),
    "result contradicts": reseal("results.jsonl", first_line(lambda v: v.update(reasons=["X"]))),
    "result infinite": reseal(
        "results.jsonl", lambda d: d.replace(b'"suspicion":null', b'"suspicion":1e999', 1)
    ),
    "picture cut": lambda f: edit(picture(f).relative_to(f).as_posix(), lambda d: d[:-9])(f),
    "picture gone": lambda f: picture(f).unlink(),
    "pictures swapped": swap,
    "picture is a link": link,
    "pictures are a link": link_folder,
    "picture is a pipe": pipe,
    "picture huge": hostile_png,
    "picture with alpha": other_shape,
    "picture unnamed": lambda f: sealed(f, files={}),
    "file of 2 GB claimed": lambda f: sealed(
        f, files={"frames.jsonl": digest(b"")} | {"results.jsonl": digest(b"")}
    ),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
def test_damage_is_a_typed_error(attack: Attack, clip_copy: Path, tiny: Path) -> None:
    attack(clip_copy)
    with pytest.raises(InvalidRecording) as refused:
        replay_clip(read_recording(clip_copy), tiny)
    assert "again" in str(refused.value) or "at most" in str(refused.value)
    assert str(clip_copy) not in str(refused.value)


def test_every_byte_of_the_document_counts(clip_copy: Path) -> None:
    file = clip_copy / "recording.json"
    data = file.read_bytes()
    for at in range(0, len(data), 97):
        file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        try:
            read = parse_document(file.read_bytes())
        except InvalidRecording:
            continue
        assert plain(read) == plain(parse_document(data)), at  # white space alone


def test_a_recording_reads_as_it_was_written(shared_clip: Path) -> None:
    clip = read_recording(shared_clip)
    assert isinstance(clip, RecordedClip)
    assert len(clip.rows) == clip.document.frames == 50
    assert {row.outcome for row in clip.rows} >= {"analysed", "superseded"}
    row = next(row for row in clip.rows if row.answered and row.picture)
    assert row.picture is not None
    assert clip.pixels(row.picture).shape == (120, 160)
    assert (row.spacing_mm, row.probe, row.depth_mm) == ((0.1, 0.2), "L12", 40.0)


def test_a_folder_of_clips_and_a_clip_are_both_taken(shared_clip: Path, tmp_path: Path) -> None:
    assert recordings(shared_clip) == [shared_clip]
    assert recordings(shared_clip.parent) == [shared_clip]
    with pytest.raises(InvalidRecording, match="holds no recording"):
        recordings(tmp_path)
    with pytest.raises(InvalidRecording, match="holds no recording"):
        recordings(tmp_path / "absent")


def test_a_clip_that_is_a_link_to_a_folder_is_read(shared_clip: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(shared_clip)
    assert read_recording(tmp_path / "link").document.frames > 0
    shutil.rmtree(tmp_path, ignore_errors=True)
