"""The guide to archives names what is there."""

from __future__ import annotations

import re
from pathlib import Path

from sonoedge.archive.outcome import ItemOutcome
from sonoedge.drift.measure import LARGE, MODERATE
from sonoedge.verbs.screen import _parser


def test_outcomes_options_and_limits_are_the_programs(repository: Path) -> None:
    page = (repository / "docs/how-to/archives.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)) == {
        o.value for o in ItemOutcome
    }
    known = {option for action in _parser()._actions for option in action.option_strings}
    known |= {"--against", "--fail-on", "--nthreads", "--host"}
    assert set(re.findall(r"(?<![\w-])--(?!tls-)[a-z][\w-]*", page)) <= known
    assert f"{MODERATE} is a moderate" in page
    assert f"{LARGE} a large" in page.replace("\n", " ")
