from __future__ import annotations

from sonoedge.analysis import Reason
from sonoedge.outputs.remedies import REMEDIES, nothing_analysed, remedy


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
