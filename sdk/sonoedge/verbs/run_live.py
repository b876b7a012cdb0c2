"""`sonoedge run --live`: a source into a live session, shown on the terminal."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonoedge import session as sessions
from sonoedge import sources
from sonoedge.analysis import Analysis
from sonoedge.errors import EngineFailed, InvalidSettings, SonoedgeError
from sonoedge.frames import Frame
from sonoedge.metrics import FrameTimes
from sonoedge.outputs.jsonl import STDOUT, JsonLines
from sonoedge.outputs.remedies import nothing_analysed
from sonoedge.service.notify import SystemdNotices
from sonoedge.session import LiveSession, State, Status
from sonoedge.sources.live import is_folder, live_device, live_name
from sonoedge.sources.watch import Watch, WatchStatus
from sonoedge.terminal.screen import Screen
from sonoedge.terminal.termination import Terminated
from sonoedge.verbs.engine_arguments import engine_options
from sonoedge.verbs.live_view import LiveView, summary
from sonoedge.verbs.metrics_arguments import session_metrics
from sonoedge.verbs.record import recording_of, recording_report
from sonoedge.verbs.run_files import End, set_aside
from sonoedge.verbs.shadow_arguments import shadow_report, shadow_settings

if TYPE_CHECKING:
    from sonoedge.sinks.igtl import IgtlServer

_WAIT_S = 0.05


def run_live(args: argparse.Namespace) -> End:
    """Run until the source ends; returns why it ended. Prints the counters at the end.

    Raises:
        SonoedgeError: the bundle, the source or an output cannot be used.
        EngineFailed: the session has latched FAULT.
        NothingAnalysed: every frame was refused.
    """
    lock = threading.Lock()
    view = LiveView(args.source, time.monotonic_ns)
    with ExitStack() as stack:
        try:
            feed = stack.enter_context(_feed(args))
        except SonoedgeError:
            set_aside(args.jsonl)
            raise
        jsonl = stack.enter_context(JsonLines(args.jsonl)) if args.jsonl else None

        times = FrameTimes()
        notices = SystemdNotices()
        peers = None if args.igtl_out is None else stack.enter_context(_igtl_server(args))

        def deliver(analysis: Analysis) -> None:
            if peers is not None:
                peers.submit(analysis)
            times.add(analysis)
            with lock:
                view.add(analysis)
            if jsonl is not None:
                jsonl.write(analysis, live_name(args.source) or Path(args.source).name)

        recording = recording_of(args)
        session = stack.enter_context(
            sessions.live(
                args.bundle,
                deliver,
                engine=engine_options(args),
                shadow=shadow_settings(args),
                audit=args.audit,
                record=recording,
            )
        )
        screen = Screen()
        end: End = "failed"
        metrics = None
        try:
            metrics = session_metrics(args, session, times)
            end = _loop(session, feed, view, lock, screen, notices, limit=args.limit, peers=peers)
            session.drain(2.0)
        except Terminated:
            end = "terminated"
        except KeyboardInterrupt:
            end = "interrupted"
        finally:
            notices.stopping()
            status = session.status()
            with lock:
                screen.show(view.lines(status, session.latest(), feed.status()), last=True)
            people = sys.stderr if args.jsonl == STDOUT else sys.stdout
            if metrics is not None:
                metrics.close()
            session.close()  # the last clip is complete
            session.finish_recording()
            status = dataclasses.replace(status, audit=session.status().audit)  # its last record
            report = _report(status, session, view, end, args.source)
            print(json.dumps(report) if args.json else summary(report), file=people, flush=True)
        counts = report["not_analysed_by_reason"]
        if end in ("source ended", "limit") and counts and not report["analysed"]:
            raise nothing_analysed(report["submitted"], counts)
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


def _igtl_server(args: argparse.Namespace) -> IgtlServer:
    from sonoedge.sinks.igtl import IgtlServer  # late: few runs have peers

    return IgtlServer(args.igtl_out, args.bind or "127.0.0.1")


def _feed(args: argparse.Namespace) -> _Feed:
    device = live_device(args.source)
    if device is not None:
        # Opened once here, so that a wrong name is an error and no lost device.
        return _Feed(None, Watch(device, first=device()))
    if args.fps is None and is_folder(args.source):
        raise InvalidSettings(
            f"{args.source} is a folder: its pictures have no times to replay by; say how many "
            "a second there are with --fps"
        )
    return _Feed(
        sources.open_source(args.source, realtime=True, fps=args.fps, continue_on_error=True), None
    )


def _loop(
    session: LiveSession,
    feed: _Feed,
    view: LiveView,
    lock: threading.Lock,
    screen: Screen,
    notices: SystemdNotices,
    *,
    limit: int | None,
    peers: IgtlServer | None,
) -> End:
    submitted = 0
    notice_s = time.monotonic()
    while True:
        if (now_s := time.monotonic()) >= notice_s:
            notice_s = now_s + 1.0
            notices.observe(session.status())
        try:
            frame = feed.next()
        except StopIteration:
            return "source ended"
        if frame is not None:
            session.submit(frame)
            submitted += 1
        elif peers is not None:
            watch = feed.status()
            if watch is not None and watch.lost is not None:
                peers.lost(watch.lost.value, watch.detail)
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


def _report(
    status: Status, session: LiveSession, view: LiveView, end: End, source: str
) -> dict[str, Any]:
    """What it came to.

    Args:
        status: before the session was closed.
    """
    counters = status.counters
    return {
        "ended": end,
        "source": source,
        "state": status.state.value,
        "submitted": counters.submitted,
        "analysed": counters.analysed,
        "not_analysed_by_reason": dict(sorted(counters.not_analysed.items())),
        "superseded": counters.superseded,
        "in_flight": counters.in_flight,
        "age_ms": view.ages_ms(),
        "temporal_flag_raised": view.raised,
        "flagged": view.flagged,
        "engine_replaced": status.deaths,
        "choice": status.choice,
        **recording_report(session.recording),
        **shadow_report(status.shadow),
        **({} if status.audit is None else {"audit_head": str(status.audit)}),
    }
