"""What says nothing is never read as an opinion that nothing is there."""

from __future__ import annotations

from typing import Any

import numpy as np

from sonoedge.clinical import Joined
from sonoedge.description import Described, NotDescribed, NotDescribedReason
from sonoedge.heads import NoOpinion, NoOpinionReason, Opinion
from sonoedge.measure import Measures
from sonoedge.outputs.opinions import disagreement, opinion_sentences, opinion_values

MEASURES = Measures(names=("shape.a",), values=np.zeros(1, dtype=np.float32))


def described(**values: Any) -> Described:
    return Described(measures=MEASURES, **values)


def test_a_head_that_disagrees_says_so_in_words() -> None:
    opinion = Opinion(
        name="second", kind="logistic", suspicion=0.123, flagged=False, disagrees=True, fused=None
    )
    (line,) = opinion_sentences(described(opinions=(opinion,)))
    assert line == "Second opinion second: 0.12, not flagged: it DISAGREES with the network."


def opinion(name: str, *, disagrees: bool) -> Opinion:
    return Opinion(
        name=name, kind="logistic", suspicion=0.1, flagged=False, disagrees=disagrees, fused=None
    )


def test_a_picture_has_room_for_a_few_words_of_who_disagrees() -> None:
    one, two = opinion("one", disagrees=True), opinion("two", disagrees=False)
    silent = NoOpinion(name="three", reason=NoOpinionReason.HEAD_FAILED)
    assert disagreement(described(opinions=(one, silent))) == "second opinion disagrees"
    assert disagreement(described(opinions=(one, two))) == "1 of 2 second opinions disagree"


def test_where_nobody_disagrees_nothing_is_said() -> None:
    silent = NoOpinion(name="three", reason=NoOpinionReason.HEAD_FAILED)
    stale = NotDescribed(reason=NotDescribedReason.STALE)
    agrees = described(opinions=(opinion("two", disagrees=False),))
    for nothing in (None, stale, described(opinions=(silent,)), agrees):
        assert disagreement(nothing) == ""


def test_a_silent_head_is_told_with_its_reason_and_without_a_number() -> None:
    silent = NoOpinion(name="second", reason=NoOpinionReason.VARIANT_NOT_CHECKED)
    description = described(opinions=(silent,))
    (line,) = opinion_sentences(description)
    assert line == "Second opinion second: none (VARIANT_NOT_CHECKED)."
    (row,) = opinion_values(description)["opinions"]
    assert (row["reason"], row["suspicion"], row["flagged"]) == ("VARIANT_NOT_CHECKED", None, None)


def test_a_region_that_was_not_described_has_no_opinions_rather_than_none_found() -> None:
    assert opinion_values(None)["opinions"] is None
    assert opinion_values(described())["opinions"] == []


def test_names_of_clinical_values_are_told_and_what_they_gave_is_not() -> None:
    joined = Joined(suspicion=0.71, fused_with=("age_years",), not_used=("density",))
    values = opinion_values(described(clinical=joined))
    assert values["clinical"] == {"fused_with": ["age_years"], "not_used": ["density"]}
    assert "0.71" not in str(values)
    assert list(opinion_sentences(described(clinical=joined))) == [
        "Clinical values used: age_years."
    ]


def test_certainty_is_told_in_its_own_words() -> None:
    assert list(opinion_sentences(described(certainty="cannot say"))) == ["Certainty: cannot say."]
