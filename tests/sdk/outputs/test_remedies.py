from __future__ import annotations

import re
from pathlib import Path

from sonoedge.analysis import Reason
from sonoedge.outputs.remedies import REMEDIES, nothing_analysed, remedy

ROOT = Path(__file__).parents[3]


def test_what_helps_is_said_of_the_reason_given_most_often() -> None:
    assert remedy({"BLACK": 2, "OUT_OF_SCOPE": 9}) == REMEDIES["OUT_OF_SCOPE"]
    assert remedy({"CLOSED": 1}) == ""
    assert remedy({}) == ""


def test_remedies_are_of_reasons_that_there_are() -> None:
    assert set(REMEDIES) <= {reason.value for reason in Reason}


def test_the_error_counts_the_reasons_and_ends_with_what_may_help() -> None:
    error = nothing_analysed(3, {"OUT_OF_SCOPE": 2, "BLACK": 1})
    assert str(error) == (
        "not one of 3 frames was analysed: BLACK 1, OUT_OF_SCOPE 2; " + REMEDIES["OUT_OF_SCOPE"]
    )
    assert error.exit_code == 7


def test_a_single_frame_is_not_counted() -> None:
    error = nothing_analysed(1, {"CLOSED": 1})
    assert str(error) == "the only frame was not analysed: CLOSED 1"


def test_the_pages_that_remedies_name_are_there() -> None:
    pages = [page for text in REMEDIES.values() for page in re.findall(r"docs/\S+\.md", text)]
    assert pages
    assert all((ROOT / page).is_file() for page in pages)
