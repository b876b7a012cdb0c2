"""The options of a self-test: how the bundle is opened, its limits; and how a result is printed."""

from __future__ import annotations

import argparse

from sonoedge.bundle.names import printable
from sonoedge.store.health import HealthLimits, HealthReport
from sonoedge.verbs.engine_arguments import add_engine_arguments

DEFAULT = HealthLimits()


def add_self_test_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --max-ms, --timeout-s and --memory-mib, and the options that say which engine runs."""
    parser.add_argument(
        "--max-ms",
        type=float,
        metavar="MS",
        help=f"longest 99th percentile of {DEFAULT.frames} golden frames, as a whole analysis "
        "takes; no limit without it",
    )
    parser.add_argument(
        "--timeout-s",
        type=float,
        default=DEFAULT.timeout_s,
        metavar="S",
        help=f"longest self-test ({DEFAULT.timeout_s:g})",
    )
    parser.add_argument(
        "--memory-mib",
        type=int,
        default=DEFAULT.memory_mib,
        metavar="N",
        help=f"most memory of the self-test's process ({DEFAULT.memory_mib})",
    )
    add_engine_arguments(parser)


def limits(args: argparse.Namespace) -> HealthLimits:
    """What those options say.

    Raises:
        InvalidSettings: a value is out of range.
    """
    return HealthLimits(max_ms=args.max_ms, timeout_s=args.timeout_s, memory_mib=args.memory_mib)


def report_line(report: HealthReport) -> str:
    """A passed self-test in one line, and the choice of its engine in a second one."""
    times = ""
    if report.p50_ms is not None and report.p99_ms is not None:
        times = f"; {report.frames} frames, p50 {report.p50_ms:.1f} ms, p99 {report.p99_ms:.1f} ms"
    lines = (f"self-test passed: golden frames as verified{times}", f"  {report.choice}")
    return "\n".join(printable(line) for line in lines)
