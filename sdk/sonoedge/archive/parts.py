"""A screening's folder: one part file for each item, complete or not there at all."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn

from sonoedge.archive.items import Item
from sonoedge.archive.job import SCHEMA_VERSION, differences, digest
from sonoedge.archive.outcome import ItemOutcome
from sonoedge.bounded_read import read_bounded
from sonoedge.durable import replace_durably, sync_folder
from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.strict_json import object_of_version, parse_json

MANIFEST: Final = "manifest.json"
_PARTS: Final = "parts"
_DRAFT: Final = ".tmp-"
_LONGEST_END: Final = 1 << 16  # bytes of a part's last line, at most
_LONGEST_MANIFEST: Final = 1 << 20


class Parts:
    """The part files of one screening, below its folder.

    Args:
        out: the folder.
        run: the digest of what all results hang on.
    """

    def __init__(self, out: Path, run: str) -> None:
        self._folder = out / _PARTS
        self._run = run

    def path(self, item_id: str) -> Path:
        """Of an item's part; 256 folders, so that none grows too large."""
        return self._folder / item_id[:2] / f"{item_id}.jsonl"

    def end(self, item_id: str) -> dict[str, Any] | None:
        """The last line of an item's part, of this very run; None where there is no part."""
        try:
            end = read_end(self.path(item_id))
        except OSError:
            return None
        return end if end is not None and end.get("run") == self._run else None

    def draft(self, item: Item, sha256: str | None, size: int | None) -> Draft:
        """Begin a part; it is there when it is finished.

        Raises:
            OSError: it cannot be written.
        """
        path = self.path(item.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        head = {
            "kind": "item",
            "schema_version": SCHEMA_VERSION,
            "run": self._run,
            "file": item.name,
            "sha256": sha256,
            "bytes": size,
        }
        return Draft(path, head)

    def failed(
        self, item: Item, outcome: ItemOutcome, detail: str, sha256: str | None, size: int | None
    ) -> None:
        """Write the part of an item that gave no frames."""
        with self.draft(item, sha256, size) as draft:
            draft.finish({"outcome": outcome.value, "detail": detail, "frames": 0})

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each part's item id and last line, by id; one folder's names are held at a time.

        Raises:
            InvalidData: a part is damaged or of another run: an item would be missing silently.
            OSError: a part cannot be read.
        """
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.glob("[0-9a-f]*.jsonl")):
                end = read_end(path)
                if end is None or end.get("run") != self._run:
                    raise damaged(path.stem)
                yield path.stem, end

    def sweep(self, older_than_s: float) -> None:
        """Remove drafts that a killed process left behind."""
        now_s = time.time()
        for draft in self._folder.glob(f"[0-9a-f][0-9a-f]/{_DRAFT}*"):
            try:
                if now_s - draft.stat().st_mtime > older_than_s:
                    draft.unlink()
            except OSError:
                continue  # another one's, or gone already


class Draft:
    """A part that is being written: it appears complete, or not at all."""

    def __init__(self, path: Path, head: Mapping[str, Any]) -> None:
        self._path = path
        self._draft = path.with_name(f"{_DRAFT}{uuid.uuid4().hex}")
        self._head = head
        self._file = self._draft.open("xb")
        self._finished = False
        self.write(head)

    def write(self, values: Mapping[str, Any]) -> None:
        """Append a line."""
        text = json.dumps(values, separators=(",", ":"), allow_nan=False)
        self._file.write(text.encode() + b"\n")

    def finish(self, values: Mapping[str, Any], *, modified_ns: int | None = None) -> None:
        """Append the last line, and let the part appear.

        Args:
            values: what is to be known without reading the frames.
            modified_ns: of the item: the part's own time says for which state of it it was made.
        """
        self.write({**self._head, "kind": "end", **values})
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if modified_ns is not None:
            os.utime(self._draft, ns=(modified_ns, modified_ns))
        self._draft.replace(self._path)
        self._finished = True
        sync_folder(self._path.parent)

    def __enter__(self) -> Draft:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._finished:
            try:
                self._file.close()
            finally:
                self._draft.unlink(missing_ok=True)


def read_end(path: Path) -> dict[str, Any] | None:
    """A part's last line; None of a file that is none.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as part:
        size = part.seek(0, os.SEEK_END)
        part.seek(max(0, size - _LONGEST_END))
        last = part.read(_LONGEST_END).rstrip(b"\n").rpartition(b"\n")[2]
    try:
        end = parse_json(last, path.name)
    except InvalidSettings:
        return None
    return end if isinstance(end, dict) and end.get("kind") == "end" else None


def damaged(item_id: str) -> InvalidData:
    """What says that a part is not as it was written."""
    return InvalidData(
        f"the part {item_id}.jsonl is damaged or of another screening; screen the archive "
        "again, or remove the part if its item is gone"
    )


def begin(out: Path, identity: Mapping[str, Any]) -> Parts:
    """A screening's parts: of a new folder, or of one that the same screening began.

    Raises:
        InvalidSettings: the folder holds other results, or something else.
        OSError: it cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    found = read_manifest(out)
    if found is None:
        if any(not path.name.startswith(".") for path in out.iterdir()):
            raise InvalidSettings(
                f"{out.name} is not empty and holds no screening; give another --out"
            )
        text = json.dumps(identity, indent=1, sort_keys=True) + "\n"
        replace_durably(out / MANIFEST, text.encode())
    elif found != identity:
        refuse(out, found, identity)
    (out / _PARTS).mkdir(exist_ok=True)
    return Parts(out, digest(identity))


def refuse(out: Path, found: Mapping[str, Any], identity: Mapping[str, Any]) -> NoReturn:
    """Say in what a folder's results differ from those that were asked for.

    Raises:
        InvalidSettings: always.
    """
    raise InvalidSettings(
        f"{out.name} holds results of another kind ({differences(found, identity)}); go on with "
        "the same, or give another --out"
    )


def read_manifest(out: Path) -> dict[str, Any] | None:
    """What a folder's results hang on; None where it holds no screening.

    Raises:
        InvalidSettings: its manifest is damaged.
        OSError: it cannot be read.
    """
    path = out / MANIFEST
    if not path.exists():
        return None
    values = parse_json(read_bounded(path, _LONGEST_MANIFEST), MANIFEST)
    return object_of_version(values, MANIFEST, SCHEMA_VERSION)
