from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.trace import hazards, trace

from .documents import junit, table, texts

Read = Callable[..., Inputs]
Written = Callable[[str, Any], Path]
A, B, C = (f"tests/test_x.py::test_{name}" for name in "abc")
REQUIREMENTS = f"""[[requirement]]
id = "R1"
text = "First."
tests = ["{A}", "{B}"]

[[requirement]]
id = "R2"
text = "Second."
tests = ["{C}"]
"""
HAZARDS = f"""[[hazard]]
id = "H1"
hazard = "late"
situation = "busy"
harm = "wrong place"
left_to_the_manufacturer = "measure"

[[hazard.control]]
text = "newest wins"
requirements = ["R2"]
tests = ["{A}"]
"""


@pytest.fixture
def results(read: Read, written: Written) -> Callable[[dict[str, str]], Inputs]:
    """The inputs where a run had these results."""

    def make(run: dict[str, str]) -> Inputs:
        return read(
            requirements=written("r.toml", REQUIREMENTS),
            hazards=written("h.toml", HAZARDS),
            junit=written("t.xml", junit(run)),
        )

    return make


def test_a_requirement_passes_where_all_of_its_tests_did(
    results: Callable[[dict[str, str]], Inputs],
) -> None:
    section = trace(results({A: "passed", B: "passed", C: "passed"}))
    rows = table(section, "requirements").rows
    assert texts(rows) == [["passed", "R1", "First.", "2"], ["passed", "R2", "Second.", "1"]]
    assert [row.mark for row in rows] == ["pass", "pass"]
    assert len(table(section, "trace").rows) == 3
    assert dict(texts(table(section, "run").rows))["made"] == "2026-01-02T03:04:05"


@pytest.mark.parametrize(
    ("run", "word"),
    [
        ({A: "passed", C: "passed"}, "TEST GONE"),
        ({A: "passed", B: "skipped", C: "passed"}, "NOT RUN"),
        ({A: "passed", B: "failed", C: "passed"}, "FAILED"),
        ({A: "failed", C: "passed"}, "FAILED"),
    ],
)
def test_a_test_that_is_gone_skipped_or_failed_makes_its_row_red(
    results: Callable[[dict[str, str]], Inputs], run: dict[str, str], word: str
) -> None:
    section = trace(results(run))
    first, second = table(section, "requirements").rows
    assert (first.cells[0].text, first.mark) == (word, "fail")
    assert (second.cells[0].text, second.mark) == ("passed", "pass")
    marks = {row.cells[2].text: row.mark for row in table(section, "trace").rows}
    assert marks[B] == ("fail" if run.get(B) != "passed" else "pass")


def test_without_a_run_nothing_is_verified_and_nothing_has_passed(
    read: Read, written: Written
) -> None:
    inputs = read(requirements=written("r.toml", REQUIREMENTS), hazards=written("h.toml", HAZARDS))
    for section in (trace(inputs), hazards(inputs)):
        assert {row.mark for row in section.rows} == {""}
    assert table(trace(inputs), "requirements").rows[0].cells[0].text == "not provided"


def test_a_control_is_as_good_as_the_worst_of_its_requirements_and_its_own_tests(
    results: Callable[[dict[str, str]], Inputs],
) -> None:
    good = hazards(results({A: "passed", C: "passed"}))
    assert texts(table(good, "controls").rows) == [["passed", "H1", "newest wins", "R2", A]]
    for run in ({A: "passed"}, {A: "failed", C: "passed"}):
        (row,) = table(hazards(results(run)), "controls").rows
        assert row.mark == "fail"


def test_a_requirement_without_a_test_is_red(read: Read, written: Written) -> None:
    alone = '[[requirement]]\nid = "R1"\ntext = "x"\ntests = []\n'
    hazards_text = HAZARDS.replace('requirements = ["R2"]\n', "")
    inputs = read(
        requirements=written("r.toml", alone),
        hazards=written("h.toml", hazards_text),
        junit=written("t.xml", junit({A: "passed"})),
    )
    (row,) = table(trace(inputs), "requirements").rows
    assert (row.cells[0].text, row.mark) == ("NO TEST", "fail")
