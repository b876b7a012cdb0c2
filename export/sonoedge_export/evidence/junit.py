"""A test run's results, from the JUnit XML that pytest and others write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from xml.etree import ElementTree

from sonoedge.errors import InvalidData

Outcome = Literal["passed", "failed", "skipped", "absent"]
# From the worst to the best: one case that failed outweighs all that passed.
_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "failure": "failed",
    "error": "failed",
    "skipped": "skipped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """The cases of one test function.

    Attributes:
        passed, failed, skipped: how many of its cases were.
    """

    __test__ = False  # it is none of pytest's own

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def outcome(self) -> Outcome:
        """Passed where a case passed and none failed; absent without a case."""
        if self.failed:
            return "failed"
        if self.passed:
            return "passed"
        return "skipped" if self.skipped else "absent"

    @property
    def words(self) -> str:
        """The counts."""
        counts = {"passed": self.passed, "failed": self.failed, "skipped": self.skipped}
        return ", ".join(f"{n} {name}" for name, n in counts.items() if n) or "no case"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """All results of one file.

    Attributes:
        name: of the file.
        timestamp: as the file has it; None without.
        results: by test function, `tests/sdk/test_x.py::test_name`.
    """

    __test__ = False

    name: str
    sha256: str
    bytes: int
    timestamp: str | None
    results: Mapping[str, TestResult] = field(repr=False)

    def of(self, test: str) -> TestResult:
        """A test's result; that of no case where the file does not have it."""
        return self.results.get(test, TestResult())


def parse_junit(data: bytes, name: str) -> tuple[str | None, Mapping[str, TestResult]]:
    """The timestamp and the results of a JUnit XML file.

    Raises:
        InvalidData: it is no such file, holds a document type declaration, through which a
            small file could unfold into gigabytes, or holds not one case.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidData(f"{name} is no UTF-8 text") from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InvalidData(f"{name} holds a document type declaration, which no test run writes")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise InvalidData(f"{name} is no XML: {error}") from None
    if root.tag not in ("testsuites", "testsuite"):
        raise InvalidData(f"{name} is no JUnit XML: its root is <{root.tag[:40]}>")
    suite = root if root.tag == "testsuite" else root.find("testsuite")
    results = _results(root.iter("testcase"))
    if not results:
        raise InvalidData(f"{name} holds no test case; run: python -m pytest --junitxml={name}")
    return None if suite is None else suite.get("timestamp"), results


def _results(cases: Iterable[ElementTree.Element]) -> dict[str, TestResult]:
    counts: dict[str, dict[str, int]] = {}
    for case in cases:
        outcome = next((_OUTCOMES[c.tag] for c in case if c.tag in _OUTCOMES), "passed")
        # A case that failed and whose clean-up failed is written twice: both count as failed.
        test = counts.setdefault(_test(case), {"passed": 0, "failed": 0, "skipped": 0})
        test[outcome] += 1
    return {test: TestResult(**count) for test, count in counts.items()}


def _test(case: ElementTree.Element) -> str:
    """`tests/sdk/test_x.py::test_name`, of `tests.sdk.test_x` and `test_name[parameter]`."""
    module = case.get("classname", "").replace(".", "/")
    return f"{module}.py::{case.get('name', '').partition('[')[0]}"
