from __future__ import annotations

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.evidence.junit import TestResult, parse_junit

CASES = """<testsuites><testsuite timestamp="2026-01-02">
<testcase classname="tests.sdk.test_x" name="test_a[1]"/>
<testcase classname="tests.sdk.test_x" name="test_a[2-&lt;b&gt;]"><skipped/></testcase>
<testcase classname="tests.sdk.test_x" name="test_b"><failure>no</failure></testcase>
<testcase classname="tests.sdk.test_x" name="test_c"/>
<testcase classname="tests.sdk.test_x" name="test_c"><error>teardown</error></testcase>
<testcase classname="tests.sdk.test_x" name="test_d"><skipped/></testcase>
</testsuite></testsuites>"""


def test_cases_of_one_test_are_one_result_and_the_worst_decides() -> None:
    timestamp, results = parse_junit(CASES.encode(), "t.xml")
    outcomes = {test.partition("::")[2]: result.outcome for test, result in results.items()}
    assert outcomes == {
        "test_a": "passed",
        "test_b": "failed",
        "test_c": "failed",
        "test_d": "skipped",
    }
    assert timestamp == "2026-01-02"
    assert results["tests/sdk/test_x.py::test_a"].words == "1 passed, 1 skipped"


def test_a_test_without_a_case_is_absent() -> None:
    assert TestResult().outcome == "absent"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "no XML"),
        ("<a/>", "root is <a>"),
        ("<testsuites/>", "no test case"),
        ('<!DOCTYPE x [<!ENTITY a "aa">]><testsuites>&a;</testsuites>', "document type"),
        ("<testsuites><testcase", "no XML"),
    ],
)
def test_what_no_test_run_writes_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidData, match=why):
        parse_junit(text.encode(), "t.xml")


def test_text_in_another_encoding_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(InvalidData, match="UTF-8"):
        parse_junit(CASES.encode("utf-16"), "t.xml")
