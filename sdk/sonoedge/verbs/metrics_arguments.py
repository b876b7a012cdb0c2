"""--metrics and --metrics-port of the verbs that run a live session."""

from __future__ import annotations

import argparse
import sys

from sonoedge.loopback import HOST, check_port
from sonoedge.metrics import FrameTimes, SessionMetrics
from sonoedge.metrics.textfile import check_name
from sonoedge.session import LiveSession


def add_metrics_arguments(parser: argparse.ArgumentParser) -> None:
    """Add both."""
    parser.add_argument(
        "--metrics",
        metavar="FILE.prom",
        help="write figures of the live session as Prometheus text, every five seconds",
    )
    parser.add_argument(
        "--metrics-port",
        type=int,
        metavar="N",
        help="answer GET /metrics on 127.0.0.1 at this port; 0 takes a free one, and says which",
    )


def asks_for_metrics(args: argparse.Namespace) -> bool:
    """Whether either was given."""
    return args.metrics is not None or args.metrics_port is not None


def check_metrics_arguments(args: argparse.Namespace) -> None:
    """Refuse what can be told from the words, before a session is begun.

    Raises:
        InvalidSettings: the file's name does not end in ".prom", or the port is none.
    """
    if args.metrics is not None:
        check_name(args.metrics)
    if args.metrics_port is not None:
        check_port(args.metrics_port)


def session_metrics(
    args: argparse.Namespace, session: LiveSession, times: FrameTimes
) -> SessionMetrics | None:
    """What they ask for; None where neither was given. Close it before the session.

    Says where a port is to be had.

    Args:
        times: its `add` gets each outcome of the session.

    Raises:
        InvalidSettings: the file's name does not end in ".prom", or the port is none.
        OutputError: the file cannot be written, or the port cannot be had.
    """
    if not asks_for_metrics(args):
        return None
    metrics = SessionMetrics(session, times, file=args.metrics, port=args.metrics_port)
    if metrics.port is not None:
        print(f"figures at http://{HOST}:{metrics.port}/metrics", file=sys.stderr)
    return metrics
