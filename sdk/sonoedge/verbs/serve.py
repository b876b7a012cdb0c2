"""`sonoedge serve`: a live session for programs in C or other languages, over a socket."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from sonoedge import session as sessions
from sonoedge.analysis import Analysis
from sonoedge.bundle import read_bundle
from sonoedge.errors import InvalidSettings
from sonoedge.metrics import FrameTimes
from sonoedge.service.endpoint import Endpoint, listen, passed_by_systemd, socket_mode
from sonoedge.service.loop import Clients, Loop
from sonoedge.service.notify import SystemdNotices
from sonoedge.session import LiveSession
from sonoedge.terminal.termination import EXIT_CODE, INTERRUPTED, Terminated, termination
from sonoedge.verbs.engine_arguments import add_engine_arguments, engine_options
from sonoedge.verbs.live_view import counted_frames
from sonoedge.verbs.metrics_arguments import (
    add_metrics_arguments,
    check_metrics_arguments,
    session_metrics,
)
from sonoedge.verbs.record import recording_of, recording_report


def serve(argv: Sequence[str]) -> int:
    """Run the verb until it is told to end; returns the exit code.

    Raises:
        SonoedgeError: an argument, the bundle or the socket cannot be used.
    """
    args = parser().parse_args(argv)
    mode = socket_mode(args.mode)
    check_metrics_arguments(args)
    if args.blank_outside_region and args.record is None:
        raise InvalidSettings("--blank-outside-region goes with --record")
    try:
        with termination(), ExitStack() as stack:
            # Listening begins first: what stands in its way is known before an engine is loaded,
            # and a host that starts at the same time waits for its welcome.
            endpoint = stack.enter_context(_endpoint(args.socket, mode, args.group))
            _serve(args, endpoint)
    except Terminated:
        return EXIT_CODE
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _serve(args: argparse.Namespace, endpoint: Endpoint) -> None:
    if read_bundle(args.bundle).manifest.postprocess.geometry == "line":
        raise InvalidSettings(
            'the bundle\'s regions are lines (postprocess.geometry "line"), which the protocol of '
            "this service does not carry; use the Python API, or sonoedge run --jsonl"
        )
    clients, times, notices = Clients(), FrameTimes(), SystemdNotices()

    def deliver(analysis: Analysis) -> None:
        times.add(analysis)
        clients.deliver(analysis)

    session = sessions.live(
        args.bundle,
        deliver,
        args.max_age_ms,
        engine=engine_options(args),
        audit=args.audit,
        record=recording_of(args.record, blank_outside_region=args.blank_outside_region),
    )
    with session, ExitStack() as stack:
        metrics = session_metrics(args, session, times)
        if metrics is not None:
            stack.callback(metrics.close)
        loop = Loop(
            session,
            endpoint,
            clients,
            max_age_ms=args.max_age_ms,
            observers=[notices.observe],
        )
        print(f"serving at {endpoint.path or 'the socket of systemd'}", file=sys.stderr)
        try:
            loop.run()
        finally:
            notices.stopping()
            report = _report(session)
            stack.close()
            session.close()
            session.finish_recording()
            print(json.dumps(report | recording_report(session.recording)), flush=True)


def _report(session: LiveSession) -> dict[str, Any]:
    """What it came to; taken before the session is closed."""
    status = session.status()
    return {
        "state": status.state.value,
        "reasons": list(status.reasons),
        **counted_frames(status.counters),
        "engine_replaced": status.deaths,
        "callback_errors": status.callback_errors,
        "choice": status.choice,
    }


def _endpoint(path: str | None, mode: int, group: str | None) -> Endpoint:
    passed = passed_by_systemd()
    if passed is not None:
        if path is not None:
            passed.close()
            raise InvalidSettings("systemd has passed a socket; leave --socket out")
        return passed
    if path is None:
        raise InvalidSettings("give --socket PATH, or start it by a systemd socket unit")
    return listen(path, mode=mode, group=group)


def parser() -> argparse.ArgumentParser:
    """The verb's arguments."""
    parser = argparse.ArgumentParser(
        prog="sonoedge serve",
        description="Serve a live session to programs in C or other languages, at a local socket "
        "(docs/reference/protocol.md). Research use - not for diagnosis.",
    )
    add = parser.add_argument
    add("bundle", metavar="BUNDLE", help='the bundle\'s folder, or "store:PATH"')
    add("--socket", metavar="PATH", help="where to listen; systemd may pass a socket instead")
    add(
        "--mode",
        default="0660",
        metavar="MODE",
        help="of the socket's file: whoever may write to it may connect; 0660",
    )
    add("--group", metavar="NAME", help="of the socket's file; this process's where not given")
    add_engine_arguments(parser)
    add(
        "--max-age-ms",
        type=float,
        default=150.0,
        metavar="MS",
        help="a result that is older, counted from capture, is not valid; 150",
    )
    add(
        "--record",
        metavar="DIR",
        help="keep the frames around each flag and fault in this folder, for sonoedge replay; "
        "they may show patients",
    )
    add(
        "--blank-outside-region",
        action="store_true",
        help="with --record: black out what lies outside the tissue region that each frame names; "
        "a clip with a frame that names none is not recorded",
    )
    add(
        "--audit",
        metavar="FOLDER",
        help="record what happens in this audit log (sonoedge audit init)",
    )
    add_metrics_arguments(parser)
    return parser
