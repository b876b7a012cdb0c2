"""`sonoedge run --live`: a source into a live session, shown on the terminal."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonoedge import session as sessions
from sonoedge.analysis import Analysis
from sonoedge.errors import EngineFailed, SonoedgeError
from sonoedge.metrics import FrameTimes
from sonoedge.outputs.jsonl import STDOUT, JsonLines
from sonoedge.outputs.remedies import nothing_analysed
from sonoedge.service.notify import SystemdNotices
from sonoedge.session import LiveSession, State, Status
from sonoedge.sources.live import live_name
from sonoedge.terminal.screen import Screen
from sonoedge.terminal.termination import Terminated
from sonoedge.verbs.engine_arguments import engine_options
from sonoedge.verbs.live_frames import LiveFrames, open_live_frames
from sonoedge.verbs.live_lines import LiveLines
from sonoedge.verbs.live_view import LiveView, counted_frames, standing, summary
from sonoedge.verbs.metrics_arguments import session_metrics
from sonoedge.verbs.record import recording_of, recording_report
from sonoedge.verbs.run_files import End, set_aside
from sonoedge.verbs.shadow_arguments import shadow_report, shadow_settings
from sonoedge.verbs.spacing_argument import given

if TYPE_CHECKING:
    from sonoedge.sinks.igtl import IgtlServer


def run_live(args: argparse.Namespace) -> End:
    """Run until the source ends; returns why it ended. Prints the counters at the end.

    Raises:
        SonoedgeError: the bundle, the source or an output cannot be used.
        EngineFailed: the session has latched FAULT.
        NothingAnalysed: every frame was refused.
        BrokenPipeError: what reads the JSON Lines has gone.
    """
    lock = threading.Lock()
    view = LiveView(args.source, time.monotonic_ns)
    times = FrameTimes()
    notices = SystemdNotices()
    name = live_name(args.source) or Path(args.source).name
    peers: IgtlServer | None = None
    lines: LiveLines | None = None

    def deliver(analysis: Analysis) -> None:
        if peers is not None:
            peers.submit(analysis)
        times.add(analysis)
        with lock:
            view.add(analysis)
        if lines is not None:
            lines.add(analysis)

    with ExitStack() as stack:
        try:
            feed = stack.enter_context(open_live_frames(args.source, args.fps, given(args)))
            peers = None if args.igtl_out is None else stack.enter_context(_igtl_server(args))
            outputs = stack.enter_context(ExitStack())  # before the session: it is left after it
            session = stack.enter_context(_session(args, deliver))
        except SonoedgeError:
            set_aside(args.jsonl)
            raise
        # Outputs last: a mistyped bundle must not cost the results of the run before.
        if args.jsonl:
            lines = LiveLines(outputs.enter_context(JsonLines(args.jsonl)), name)
        screen = Screen()
        end: End = "failed"
        metrics = None
        try:
            metrics = session_metrics(args, session, times)
            end = _loop(
                *(session, feed, view, lock, screen, notices),
                limit=args.limit,
                peers=peers,
                lines=lines,
            )
            session.drain(2.0)
        except Terminated:
            end = "terminated"
        except KeyboardInterrupt:
            end = "interrupted"
        finally:
            notices.stopping()
            status, watch = session.status(), feed.status()
            state = standing(status, watch)
            with lock:
                screen.show(view.lines(status, session.latest(), watch), last=True)
            people = sys.stderr if args.jsonl == STDOUT else sys.stdout
            if metrics is not None:
                metrics.close()
            session.close()  # the last clip is complete
            session.finish_recording()
            status = dataclasses.replace(status, audit=session.status().audit)  # its last record
            report = _report(status, session, view, end, args.source, state)
            print(json.dumps(report) if args.json else summary(report), file=people, flush=True)
        if lines is not None:
            lines.check()
        counts = report["not_analysed_by_reason"]
        if end in ("source ended", "limit") and counts and not report["analysed"]:
            raise nothing_analysed(report["submitted"], counts)
        return end


def _session(args: argparse.Namespace, deliver: Callable[[Analysis], None]) -> LiveSession:
    return sessions.live(
        args.bundle,
        deliver,
        engine=engine_options(args),
        shadow=shadow_settings(args),
        audit=args.audit,
        record=recording_of(args.record, blank_outside_region=args.blank_outside_region),
    )


def _igtl_server(args: argparse.Namespace) -> IgtlServer:
    from sonoedge.sinks.igtl import IgtlServer  # late: few runs have peers

    return IgtlServer(args.igtl_out, args.bind or "127.0.0.1", pictures=args.igtl_overlay)


def _loop(
    session: LiveSession,
    feed: LiveFrames,
    view: LiveView,
    lock: threading.Lock,
    screen: Screen,
    notices: SystemdNotices,
    *,
    limit: int | None,
    peers: IgtlServer | None,
    lines: LiveLines | None,
) -> End:
    submitted = 0
    notice_s = time.monotonic()
    while True:
        if (now_s := time.monotonic()) >= notice_s:
            notice_s = now_s + 1.0
            notices.observe(session.status())
        if lines is not None:
            lines.check()
        try:
            frame = feed.next()
        except StopIteration:
            return "source ended"
        if frame is not None:
            frame_id = session.submit(frame)
            submitted += 1
            if peers is not None:
                peers.submitted(frame_id, frame)
        elif peers is not None:
            watch = feed.status()
            if watch is not None and watch.lost is not None:
                # The detail may quote what a command printed, or name a host.
                peers.lost(watch.lost.value)
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
    status: Status, session: LiveSession, view: LiveView, end: End, source: str, state: str
) -> dict[str, Any]:
    """What it came to.

    Args:
        status, state: before the session was closed.
    """
    return {
        "ended": end,
        "source": source,
        "state": state,
        **counted_frames(status.counters),
        "age_ms": view.ages_ms(),
        "temporal_flag_raised": view.raised,
        "flagged": view.flagged,
        "engine_replaced": status.deaths,
        "choice": status.choice,
        **recording_report(session.recording),
        **shadow_report(status.shadow),
        **({} if status.audit is None else {"audit_head": str(status.audit)}),
    }
