"""A test run's results, as `sonoedge evidence --junit` reads them."""

from __future__ import annotations

from fuzz.entry_point import EntryPoint
from sonoedge_export.evidence.junit import parse_junit

RUN = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" tests="3" timestamp="2026-01-02T03:04:05">
<testcase classname="tests.sdk.test_x" name="test_a[1-&lt;b&gt;]" time="0.1"/>
<testcase classname="tests.sdk.test_x" name="test_b"><failure>x &amp; y</failure></testcase>
<testcase classname="tests.sdk.test_x" name="test_c"><skipped/></testcase>
</testsuite></testsuites>"""


def attack(data: bytes) -> None:
    _, results = parse_junit(data, "tests.xml")
    assert all(result.words for result in results.values())


POINT = EntryPoint(attack=attack, seeds=(RUN,), engines=("bytes", "coverage"), suffix=".xml")
