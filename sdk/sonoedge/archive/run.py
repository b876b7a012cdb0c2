"""A screening from its beginning to its end, or on from where it stopped."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from sonoedge.archive.item_process import ItemProcess
from sonoedge.archive.items import Item, LeftOut, find_items
from sonoedge.archive.job import Job
from sonoedge.archive.ledger import ENDED, Ledger
from sonoedge.archive.outcome import Done, ItemOutcome
from sonoedge.archive.parts import Parts, begin, read_manifest
from sonoedge.archive.pool import Pool
from sonoedge.archive.screening import again
from sonoedge.archive.snapshot import size_and_newest
from sonoedge.archive.summary import write_reference
from sonoedge.bundle import read_bundle
from sonoedge.drift.reference import bundle_counts
from sonoedge.errors import InvalidSettings, ScreeningStopped, SonoedgeError, SourceError


class Engine(Protocol):
    """What analyses items: this machine's pool, or a cluster."""

    def screen(self, items: Iterator[Item]) -> Iterator[Done]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for.

    Attributes:
        job: its variant may be left open.
        workers: processes on this machine.
        scheduler: a cluster's address, in place of this machine's processes.
        tls: folder with ca.pem, cert.pem and key.pem for the cluster.
        glob: files that are taken; None takes all.
        trust_mtime: an item of the size and time that its part was made of is not read again.
    """

    job: Job
    workers: int = 1
    scheduler: str | None = None
    tls: Path | None = None
    glob: str | None = None
    trust_mtime: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """What it came to.

    Attributes:
        status: as status.json says.
        failed: how many items failed, earlier ones included.
        unreadable: folders and files of which nobody knows whether they are or hold items.
    """

    status: dict[str, Any]
    failed: int
    unreadable: int


def screen(request: Request, progress: Callable[[Ledger], None] = lambda ledger: None) -> Screened:
    """Give each item of an archive its part.

    Raises:
        ScreeningStopped: this machine or cluster cannot go on; what was done is kept.
        InvalidSettings: the folder holds other results.
        SourceError: the archive cannot be listed, or holds no item.
        SonoedgeError: the bundle cannot be used.
    """
    try:
        return _screen(request, progress)
    except SonoedgeError:
        raise  # some are OSErrors as well
    except (FileExistsError, NotADirectoryError):
        raise InvalidSettings(f"{Path(request.job.out).name} is no folder") from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ScreeningStopped(
            f"{Path(request.job.out).name} cannot be written: {why}; mend that, and call this again"
        ) from None


def _screen(request: Request, progress: Callable[[Ledger], None]) -> Screened:
    job, out = request.job, Path(request.job.out)
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(_alone(out))
        found = read_manifest(out)
        if found is not None and job.variant is None:
            job = replace(job, variant=found["variant"])
        first = stack.enter_context(ItemProcess(job, None, worker="process 0"))
        identity = first.ready()
        job = replace(job, variant=identity["variant"])
        parts = begin(out, identity)
        write_reference(out, bundle_counts(read_bundle(job.bundle), identity["variant"]))
        parts.sweep(older_than_s=job.limit_s)
        ledger = stack.enter_context(Ledger(out))
        left_out = LeftOut()
        items = find_items(
            Path(job.archive), glob=request.glob, follow=job.follow, left_out=left_out
        )
        if request.trust_mtime:
            items = _not_trusted(items, job, parts, ledger)
        engine = _engine(request, job, identity, first)
        state = "stopped"
        try:
            for done in engine.screen(items):
                ledger.add(done)
                progress(ledger)
            state = ENDED
        finally:
            engine.close()
            with contextlib.suppress(OSError):  # the disk is full: what stopped it is told
                ledger.status(state, left_out.why)
        if not ledger.items:
            raise _nothing(job, left_out)
        return Screened(
            status=ledger.status(state, left_out.why),
            failed=ledger.failed,
            unreadable=left_out.unreadable,
        )


def _nothing(job: Job, left_out: LeftOut) -> SourceError:
    """An archive without an item is a share that is not mounted, or a pattern that is wrong."""
    why = ", ".join(f"{count} x {why}" for why, count in sorted(left_out.why.items()))
    return SourceError(
        f"{Path(job.archive).name} holds nothing that is read ({why or 'it is empty'}); is the "
        "archive there, and does --glob match?"
    )


def _engine(request: Request, job: Job, identity: dict[str, Any], first: ItemProcess) -> Engine:
    if request.scheduler is None:
        return Pool(job, identity, request.workers, first=first)
    first.close()
    from sonoedge.archive.cluster import Cluster  # late: it needs the extra `archive`

    return Cluster(job, identity, request.scheduler, tls=request.tls)


def _not_trusted(items: Iterator[Item], job: Job, parts: Parts, ledger: Ledger) -> Iterator[Item]:
    """The items whose parts do not stand for their very size and time; the others are counted."""
    archive = Path(job.archive)
    for item in items:
        end = parts.end(item.id)
        if end is None or again(end, job):
            yield item
            continue
        try:
            size, newest_ns = size_and_newest(item, archive, follow=job.follow)
            made_ns = parts.path(item.id).stat().st_mtime_ns
        except OSError:
            yield item
            continue
        if (size, newest_ns) != (end["bytes"], made_ns):
            yield item
            continue
        ledger.add(
            Done(
                item=item.id,
                name=item.name,
                outcome=ItemOutcome(end["outcome"]),
                frames=end["frames"],
                kept=True,
            )
        )


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    """No other screening writes into this folder meanwhile."""
    fd = os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InvalidSettings(f"another screening is writing into {out.name}") from None
        yield
    finally:
        os.close(fd)
