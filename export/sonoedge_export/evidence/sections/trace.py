"""Requirement, test, result; hazard, control, result: a test that is gone is a failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sonoedge_export.evidence.cells import (
    Cell,
    Mark,
    NotProvided,
    Row,
    Section,
    Source,
    Table,
    Value,
)
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.junit import Outcome, TestResult

# What a requirement's own result is called, from the worst of its tests to the best.
WORDS: Final[dict[Outcome, str]] = {
    "failed": "FAILED",
    "absent": "TEST GONE",
    "skipped": "NOT RUN",
    "passed": "passed",
}
_WORST: Final = tuple(WORDS)


def trace(inputs: Inputs) -> Section:
    """Each requirement with its result, then each of its tests."""
    file = inputs.requirements_name
    summary, tests = [], []
    for number, requirement in enumerate(inputs.requirements.requirement):
        source = Source(file=file, keys=(f"requirement[{number}]",))
        verdict, mark = _verdict(inputs, requirement.tests, source)
        texts = (requirement.id, requirement.text, f"{len(requirement.tests)}")
        summary.append(
            Row(
                cells=(verdict, *(_value(text, source) for text in texts)),
                mark=mark,
            )
        )
        for test in requirement.tests:
            result, mark = _result(inputs, test)
            counts = _counts(inputs, test)
            cells = (result, _value(requirement.id, source), _value(test, source), counts)
            tests.append(Row(cells=cells, mark=mark))
    return Section(
        name="trace",
        title="Requirements and their tests",
        tables=(
            _run(inputs),
            Table(
                name="requirements",
                title="Requirements",
                columns=("result", "id", "requirement", "tests"),
                rows=tuple(summary),
                note="Passed: every test that is named is in the run, and no case of it failed. "
                "A test that is gone, or was not run, passes nothing.",
            ),
            Table(
                name="trace",
                title="Requirement, test, result",
                columns=("result", "requirement", "test", "cases"),
                rows=tuple(tests),
            ),
        ),
    )


def hazards(inputs: Inputs) -> Section:
    """Each hazard with its situation, then its controls with their results."""
    file = inputs.hazards_name
    by_id = {r.id: r.tests for r in inputs.requirements.requirement}
    rows, controls = [], []
    for number, hazard in enumerate(inputs.hazards.hazard):
        source = Source(file=file, keys=(f"hazard[{number}]",))
        texts = (hazard.id, hazard.hazard, hazard.situation, hazard.harm)
        left = hazard.left_to_the_manufacturer
        rows.append(Row(cells=tuple(_value(text, source) for text in (*texts, left))))
        for place, control in enumerate(hazard.control):
            where = Source(file=file, keys=(f"hazard[{number}].control[{place}]",))
            tests = [t for r in control.requirements for t in by_id[r]] + list(control.tests)
            verdict, mark = _verdict(inputs, tests, where)
            named = ", ".join(control.requirements)
            own = "\n".join(control.tests) or "those of the requirements"
            controls.append(
                Row(
                    cells=(
                        verdict,
                        _value(hazard.id, where),
                        _value(control.text, where),
                        _value(named, where) if named else NotProvided(source=where),
                        _value(own, where),
                    ),
                    mark=mark,
                )
            )
    return Section(
        name="hazards",
        title="Hazards and their controls",
        tables=(
            Table(
                name="hazards",
                title="Hazards",
                columns=("id", "hazard", "situation", "harm", "left to the manufacturer"),
                rows=tuple(rows),
                note="Of this software alone. Severity, probability and acceptance are the "
                "manufacturer's: they depend on the device and its use.",
            ),
            Table(
                name="controls",
                title="Controls, and the last run of their tests",
                columns=("result", "hazard", "control", "requirements", "tests"),
                rows=tuple(controls),
            ),
        ),
    )


def _run(inputs: Inputs) -> Table:
    run = inputs.run
    cells: Iterator[tuple[str, Cell]]
    if run is None:
        absent = NotProvided(source=Source(file="--junit", keys=()))
        cells = iter([("test run", absent), ("made", absent), ("test functions", absent)])
    else:
        source = Source(file=run.name, keys=("testsuite",))
        made = run.timestamp
        cells = iter(
            [
                ("test run", _value(run.name, source)),
                ("made", NotProvided(source=source) if made is None else _value(made, source)),
                ("test functions", _value(f"{len(run.results):,}", source)),
            ]
        )
    return Table(
        name="run",
        title="Test run",
        columns=("item", "value"),
        rows=tuple(Row(cells=(_value(name, cell.source), cell)) for name, cell in cells),
    )


def _verdict(inputs: Inputs, tests: Sequence[str], source: Source) -> tuple[Cell, Mark]:
    """The worst result of several tests; without a test, or a run, nothing is verified."""
    if inputs.run is None:
        return NotProvided(source=Source(file="--junit", keys=())), ""
    if not tests:
        return Value(text="NO TEST", value=None, source=source), "fail"
    outcomes = [inputs.run.of(test).outcome for test in tests]
    worst = min(outcomes, key=_WORST.index)
    source = Source(file=inputs.run.name, keys=tuple(dict.fromkeys(tests)))
    return Value(text=WORDS[worst], value=worst, source=source), _mark(worst)


def _result(inputs: Inputs, test: str) -> tuple[Cell, Mark]:
    return _verdict(inputs, [test], Source(file="--junit", keys=()))


def _counts(inputs: Inputs, test: str) -> Cell:
    if inputs.run is None:
        return NotProvided(source=Source(file="--junit", keys=()))
    result: TestResult = inputs.run.of(test)
    return Value(
        text=result.words, value=result.words, source=Source(file=inputs.run.name, keys=(test,))
    )


def _mark(outcome: Outcome) -> Mark:
    return "pass" if outcome == "passed" else "fail"


def _value(text: str, source: Source) -> Value:
    return Value(text=text, value=text, source=source)
