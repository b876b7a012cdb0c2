"""What lies at a bundle's path changes under a live session, and its worker is killed."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import sonoedge
from sonoedge import Analysed, Analysis, EngineOptions, Reason, State
from sonoedge.errors import InvalidSettings
from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.drive import frame, wait_until
from sonoedge_bench.reliability.figures import Figure
from sonoedge_bench.reliability.other_bundle import make_other_bundle
from sonoedge_bench.reliability.restart import ANY_DEATHS

UP: Final = (State.READY, State.DEGRADED, State.FAULT)


def _move_link(path: Path, folder: Path, other: Path) -> None:
    path.unlink()
    path.symlink_to(other)


def _replace_folder(path: Path, folder: Path, other: Path) -> None:
    folder.rename(folder.with_name("away"))
    shutil.copytree(other, folder)


def _remove_bundle(path: Path, folder: Path, other: Path) -> None:
    shutil.rmtree(folder)


CHANGES: Final[dict[str, Callable[[Path, Path, Path], None]]] = {
    "link moved": _move_link,
    "folder replaced": _replace_folder,
    "bundle removed": _remove_bundle,
}


def pinned(context: Context) -> list[Figure]:
    """A hundred kills after each change; a session that latches FAULT is followed by another."""
    kills = context.count(100, 2)
    figures = []
    for name, change in CHANGES.items():
        results: list[tuple[str, Analysis]] = []
        faults = done = 0
        while done < kills:
            done, fault = _session(context, change, done, kills, results)
            faults += fault
        others = sum(
            analysis.origin.bundle_id != own
            for own, analysis in results
            if isinstance(analysis, Analysed)
        )
        untyped = sum(
            not isinstance(analysis, Analysed)
            and not set(analysis.reasons) <= {Reason.FAULT, Reason.UNAVAILABLE, Reason.FRAME_FROZEN}
            for _, analysis in results
        )
        figures += [
            Figure(name=f"{name}: workers killed", value=done),
            Figure(name=f"{name}: sessions that latched FAULT", value=faults),
            Figure(name=f"{name}: results", value=len(results)),
            Figure(name=f"{name}: results of another bundle", value=others, limit=0),
            Figure(name=f"{name}: outcomes of another kind", value=untyped, limit=0),
        ]
    return figures


def _session(
    context: Context,
    change: Callable[[Path, Path, Path], None],
    done: int,
    kills: int,
    results: list[tuple[str, Analysis]],
) -> tuple[int, int]:
    """Kills so far, and whether the session has latched FAULT."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "first"
        shutil.copytree(context.small, folder)
        other = make_other_bundle(context.small, Path(temporary) / "other")
        path = Path(temporary) / "current"
        path.symlink_to(folder)
        got: list[Analysis] = []
        with sonoedge.live(
            path,
            got.append,
            max_age_ms=60_000,
            health=ANY_DEATHS,
            engine=EngineOptions(runtime=context.runtime),
        ) as session:
            origin = session.status().origin
            own = "" if origin is None else origin.bundle_id
            session.submit(frame())
            session.drain(30)
            change(path, folder, other)
            while done < kills and (pid := session.worker_pid) is not None:
                deaths = session.status().deaths
                os.kill(pid, signal.SIGKILL)
                done += 1
                if not wait_until(lambda n=deaths: session.status().deaths > n):  # type: ignore[misc]
                    raise InvalidSettings("a worker that was killed is not missed")
                if not wait_until(lambda: session.status().state in UP):
                    raise InvalidSettings(f"the session does not come back: {session.status()}")
                session.submit(frame(done))
                session.drain(30)
            state = session.status().state
        results += [(own, analysis) for analysis in got]
    return done, int(state is State.FAULT)
