"""`sonoedge run --live`: a source into a live session, shown on the terminal."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack
from typing import Any

from sonoedge import session as sessions
from sonoedge import sources
from sonoedge.analysis import Analysis
from sonoedge.errors import EngineFailed
from sonoedge.frames import Frame
from sonoedge.outputs.jsonl import JsonLines
from sonoedge.session import LiveSession, State
from sonoedge.sources.camera import camera, camera_index
from sonoedge.sources.watch import Watch, WatchStatus
from sonoedge.terminal.screen import Screen
from sonoedge.verbs.engine_arguments import engine_options
from sonoedge.verbs.live_view import LiveView

_WAIT_S = 0.05


def run_live(args: argparse.Namespace) -> str:
    """Run until the source ends; returns why it ended. Prints the counters at the end.

    Raises:
        SonoedgeError: the bundle, the source or an output cannot be used.
        EngineFailed: the session has latched FAULT.
    """
    lock = threading.Lock()
    view = LiveView(args.source, time.monotonic_ns)
    with ExitStack() as stack:
        feed = stack.enter_context(_feed(args))
        jsonl = stack.enter_context(JsonLines(args.jsonl)) if args.jsonl else None

        def deliver(analysis: Analysis) -> None:
            with lock:
                view.add(analysis)
            if jsonl is not None:
                jsonl.write(analysis)

        session = stack.enter_context(
            sessions.live(args.bundle, deliver, engine=engine_options(args))
        )
        screen = Screen()
        end = "failed"
        try:
            end = _loop(session, feed, view, lock, screen, args.limit)
            session.drain(2.0)
        except KeyboardInterrupt as stop:
            end = type(stop).__name__
            raise
        finally:
            with lock:
                screen.show(
                    view.lines(session.status(), session.latest(), feed.status()), last=True
                )
            print(_summary(session, view, end, args.source, as_json=args.json))
            sys.stdout.flush()
        return end


class _Feed:
    """Frames of a file, each when it is due, or the newest of a device."""

    def __init__(self, source: sources.Source | None, watch: Watch | None) -> None:
        self._watch, self._source = watch, source
        self._frames: Generator[Frame, None, None] | None = iter(source) if source else None

    def next(self) -> Frame | None:
        """A frame; None where a device has none just now.

        Raises:
            StopIteration: the file has ended.
        """
        if self._frames is not None:
            return next(self._frames)
        picture = None if self._watch is None else self._watch.take(_WAIT_S)
        if picture is None:
            return None
        stamp = {} if picture.captured_ns is None else {"captured_ns": picture.captured_ns}
        return Frame(
            pixels=picture.pixels,
            spacing_mm=picture.spacing_mm,
            roi_px=picture.roi_px,
            meta=picture.meta,
            pixel_aspect=picture.pixel_aspect,
            **stamp,
        )

    def status(self) -> WatchStatus | None:
        return None if self._watch is None else self._watch.status()

    def close(self) -> None:
        if self._watch is not None:
            self._watch.close()
        if self._source is not None:
            self._source.close()

    def __enter__(self) -> _Feed:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _feed(args: argparse.Namespace) -> _Feed:
    index = camera_index(args.source)
    if index is not None:
        # Opened once here, so that a wrong name is an error and no lost device.
        return _Feed(None, Watch(lambda: camera(index), first=camera(index)))
    return _Feed(sources.open_source(args.source, realtime=True, fps=args.fps), None)


def _loop(
    session: LiveSession,
    feed: _Feed,
    view: LiveView,
    lock: threading.Lock,
    screen: Screen,
    limit: int | None,
) -> str:
    submitted = 0
    while True:
        try:
            frame = feed.next()
        except StopIteration:
            return "source ended"
        if frame is not None:
            session.submit(frame)
            submitted += 1
        if screen.due():
            status, latest = session.status(), session.latest()
            with lock:
                screen.show(view.lines(status, latest, feed.status()))
            if status.state is State.FAULT:
                raise EngineFailed(
                    f"the live session has latched FAULT: {', '.join(status.reasons)}; "
                    "see the log, and run `sonoedge inspect` on the bundle"
                )
        if submitted == limit:
            return "limit"


def _summary(session: LiveSession, view: LiveView, end: str, source: str, *, as_json: bool) -> str:
    status = session.status()
    counters = status.counters
    report: dict[str, Any] = {
        "ended": end,
        "source": source,
        "state": status.state.value,
        "submitted": counters.submitted,
        "analysed": counters.analysed,
        "not_analysed_by_reason": dict(sorted(counters.not_analysed.items())),
        "superseded": counters.superseded,
        "in_flight": counters.in_flight,
        "temporal_flag_raised": view.raised,
        "flagged": view.flagged,
        "engine_replaced": status.deaths,
        "choice": status.choice,
    }
    if as_json:
        return json.dumps(report)
    return "\n".join(f"{name.replace('_', ' '):24}{value}" for name, value in report.items())
