from __future__ import annotations

import argparse

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.store import HealthLimits, HealthReport
from sonoedge.verbs.self_test_arguments import add_self_test_arguments, limits, report_line


def parsed(*words: str) -> HealthLimits:
    parser = argparse.ArgumentParser()
    add_self_test_arguments(parser)
    return limits(parser.parse_args(words))


def test_without_options_the_limits_are_the_usual_ones() -> None:
    assert parsed() == HealthLimits()


def test_options_become_limits() -> None:
    expected = HealthLimits(max_ms=40.0, timeout_s=9.0, memory_mib=512)
    assert parsed("--max-ms", "40", "--timeout-s", "9", "--memory-mib", "512") == expected
    with pytest.raises(InvalidSettings):
        parsed("--max-ms", "nan")


def test_a_report_holds_nothing_that_a_terminal_would_act_on() -> None:
    report = HealthReport(
        variant="v", runtime="r", choice="v: \x1b[31m", frames=0, p50_ms=None, p99_ms=None
    )
    assert report_line(report) == "self-test passed: golden frames as verified\n  v: \\x1b[31m"
