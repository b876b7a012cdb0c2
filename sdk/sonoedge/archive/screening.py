"""One item, analysed by the rules of live use, into its part."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed, Analysis, NotAnalysed, Reason
from sonoedge.archive.items import Item, escaped
from sonoedge.archive.job import Job
from sonoedge.archive.outcome import Done, ItemOutcome
from sonoedge.archive.parts import Draft, Parts
from sonoedge.archive.snapshot import Snapshot, changed, take
from sonoedge.drift.counts import Counts
from sonoedge.errors import EngineFailed, SourceCrashed, SourceError
from sonoedge.frames import Frame
from sonoedge.outputs.jsonl import record
from sonoedge.sources.child.reader import ChildReader
from sonoedge.sources.folder import pictures_of, recognised
from sonoedge.sources.picture import Contents
from sonoedge.sources.source import Source

# What hangs on the machine, or stands in every part's head already.
_LEFT_OUT: Final = frozenset(
    {"schema_version", "frame", "source_sha256", "captured_at", "captured_ns", "age_ms"}
    | {"stages_ms", "runtime", "precision", "variant", "bundle_id", "frame_path"}
)
# An engine that does not answer says nothing of the picture: the item is tried by another one.
_ENGINES: Final = {Reason.ENGINE_FAILED, Reason.ENGINE_OUTPUT_INVALID, Reason.INTERNAL_ERROR}
# A share that is gone or a machine at its limit says nothing of an item, and its part stays.
_OF_MACHINE: Final = {
    *(errno.ESTALE, errno.ENOTCONN, errno.ESHUTDOWN, errno.ETIMEDOUT, errno.ENODEV, errno.ENXIO),
    *(errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH),
    *(errno.EMFILE, errno.ENFILE, errno.ENOMEM),
}


@dataclass(kw_only=True)
class _Totals:
    """What an item came to."""

    counts: Counts = field(default_factory=Counts)
    flag_frames: int = 0
    flag_raised: int = 0
    tracks: int = 0
    first_flag: dict[str, int | None] | None = None
    up: bool = False

    def add(self, analysis: Analysis, frame: Frame, number: int, *, followed: bool) -> None:
        self.counts.add(analysis)
        if isinstance(analysis, NotAnalysed):
            return
        up = bool(analysis.temporal_flag) if followed else analysis.flagged
        self.flag_frames += up
        self.flag_raised += up and not (self.up and followed)
        self.up = up
        if up and self.first_flag is None:
            self.first_flag = {"frame": number, "recorded_ns": frame.recorded_ns}
        if followed:
            ids = [r.track_id for r in analysis.regions if r.track_id is not None]
            self.tracks = max([self.tracks, *(i + 1 for i in ids)])

    def plain(self) -> dict[str, Any]:
        return {
            "frames": self.counts.frames,
            "flag_frames": self.flag_frames,
            "flag_raised": self.flag_raised,
            "tracks": self.tracks,
            "first_flag": self.first_flag,
            "counts": self.counts.plain(),
        }


class Screener:
    """Gives items their parts, one after the other.

    Args:
        analyser: follows regions; of each item it begins anew.
        reader: decodes in a process of its own, which goes on from item to item.
    """

    def __init__(self, job: Job, parts: Parts, analyser: Analyser, reader: ChildReader) -> None:
        self._job, self._parts, self._analyser, self._reader = job, parts, analyser, reader
        self._archive = Path(job.archive)

    def screen(
        self, item: Item, begun: Callable[[str, int], None] = lambda sha256, size: None
    ) -> Done:
        """Analyse an item, unless its part is there already, of the same bytes.

        Args:
            begun: told the item's digest and size before a decoder sees it.

        Raises:
            EngineFailed: the engine does not answer.
            MissingDependency: what decodes it is not installed on this machine.
            SourceError: the archive is gone, or this machine cannot open any more files.
            OSError: the part cannot be written.
        """
        try:
            before = take(item, self._archive, follow=self._job.follow)
        except OSError as error:
            if error.errno in _OF_MACHINE or not self._archive.is_dir():
                raise SourceError(f"the archive cannot be read here: {error.strerror}") from None
            detail = f"it cannot be read: {error.strerror}"
            self._parts.failed(item, ItemOutcome.SOURCE_ERROR, detail, None, None)
            return _done(item, ItemOutcome.SOURCE_ERROR, detail)
        end = self._parts.end(item.id)
        if end is not None and end["sha256"] == before.sha256 and not again(end, self._job):
            kept = ItemOutcome(end["outcome"])
            return _done(item, kept, end["detail"], frames=end["frames"], kept=True)
        begun(before.sha256, before.size)
        with self._parts.draft(item, before.sha256, before.size) as draft:
            return self._write(item, before, draft)

    def _write(self, item: Item, before: Snapshot, draft: Draft) -> Done:
        totals = _Totals()
        of_item: dict[str, Any] = dict.fromkeys(("stills", "scanner", "month", "study"))
        outcome, detail = ItemOutcome.DONE, ""
        try:
            contents = self._open(item)
            of_item |= {name: getattr(contents, name) for name in ("scanner", "month", "study")}
            with Source(contents) as source:
                followed = not item.pictures and source.count != 1 and source.recorded
                of_item["stills"] = not followed
                for frame, analysis in _analyses(source, self._analyser, followed):
                    number = totals.counts.frames
                    totals.add(analysis, frame, number, followed=followed)
                    draft.write(_line(frame, analysis, number, followed=followed))
                unreadable = source.unreadable
            if unreadable:
                outcome, detail = ItemOutcome.SOURCE_ERROR, f"{len(unreadable)} could not be read"
        except SourceCrashed as error:
            outcome, detail = ItemOutcome.CRASHED, str(error)
        except SourceError as error:
            outcome, detail = ItemOutcome.SOURCE_ERROR, str(error)
        finally:
            self._analyser.forget()
        if changed(before, item, self._archive, follow=self._job.follow):
            outcome, detail = ItemOutcome.CHANGED, "it changed while it was read"
        detail = _without_names(detail, item)
        draft.finish(
            {"outcome": outcome.value, "detail": detail, **of_item, **totals.plain()},
            modified_ns=before.newest_ns,
        )
        return _done(item, outcome, detail, frames=totals.counts.frames)

    def _open(self, item: Item) -> Contents:
        files = []
        for path in item.files(self._archive):
            format = recognised(path)
            if format is None:
                raise SourceError(f"{path.name} is of no kind that is read any more")
            files.append((path, format))
        if not item.pictures:
            path, format = files[0]
            # The decoder's process goes on to the next item.
            return replace(self._reader.open(format.reader, path), close=lambda: None)
        unreadable: list[str] = []
        return Contents(
            name=item.name,
            pictures=lambda: pictures_of(files, self._reader.open, unreadable),
            count=len(files),
            unreadable=unreadable,
        )


def again(end: dict[str, Any], job: Job) -> bool:
    """Whether an item is tried again that gave this part."""
    if end["outcome"] == ItemOutcome.CHANGED.value:
        return True
    return job.retry_failed and end["outcome"] != ItemOutcome.DONE.value


def _analyses(
    source: Source, analyser: Analyser, followed: bool
) -> Iterator[tuple[Frame, Analysis]]:
    with closing(iter(source)) as frames:
        for frame in frames:
            analysis = analyser.analyse(frame)
            if not followed:
                analyser.forget()
            if isinstance(analysis, NotAnalysed) and not _ENGINES.isdisjoint(analysis.reasons):
                raise EngineFailed(f"{analysis.reasons[0].value}: {analysis.detail}")
            yield frame, analysis


def _line(frame: Frame, analysis: Analysis, number: int, *, followed: bool) -> dict[str, Any]:
    values = record(analysis, file=frame.meta.file, recorded_ns=frame.recorded_ns)
    kept = {key: value for key, value in values.items() if key not in _LEFT_OUT}
    kept["file"] = None if kept["file"] is None else escaped(kept["file"])
    kept["detail"] = escaped(kept["detail"].replace(frame.meta.file or "\0", "the file"))
    if isinstance(analysis, Analysed) and not followed:  # of a still nothing is followed
        kept["temporal_flag"] = None
        for region in kept["regions"] or ():
            region["track_id"], region["track_flagged"] = None, False
    return {"kind": "frame", "frame": number, **kept}


def _without_names(detail: str, item: Item) -> str:
    """A sentence on an item, whose name stands elsewhere: names may be patients'."""
    return escaped(detail.replace(os.path.basename(item.path) or "\0", "the file"))  # noqa: PTH119


def _done(
    item: Item, outcome: ItemOutcome, detail: str, *, frames: int = 0, kept: bool = False
) -> Done:
    return Done(
        item=item.id, name=item.name, outcome=outcome, detail=detail, frames=frames, kept=kept
    )
