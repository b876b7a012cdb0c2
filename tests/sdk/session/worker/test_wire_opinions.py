"""What a worker says of a region arrives whole: one lost on the way would be a silent one."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from sonoedge.clinical import Joined
from sonoedge.description import Described
from sonoedge.heads import NoOpinion, NoOpinionReason, Opinion
from sonoedge.measure import Measures
from sonoedge.session.worker.wire import Unpacker
from sonoedge.session.worker.wire_opinions import opinions_from, opinions_to
from sonoedge.session.worker.wire_region import description_from, description_to

MEASURES = Measures(names=("shape.a",), values=np.ones(1, dtype=np.float32))
OPINIONS = (
    Opinion(name="a", kind="forest", suspicion=0.25, flagged=False, disagrees=True, fused=0.5),
    Opinion(name="b", kind="logistic", suspicion=0.75, flagged=True, disagrees=False, fused=None),
    NoOpinion(name="c", reason=NoOpinionReason.HEAD_FAILED),
)


def there_and_back(**values: Any) -> Described:
    sent = description_to(Described(measures=MEASURES, **values))
    ((header, block),) = Unpacker().feed(sent)
    received = description_from(header, block)
    assert isinstance(received, Described)
    return received


@pytest.mark.parametrize("certainty", [None, "benign only", "malignant only", "cannot say"])
def test_every_part_arrives(certainty: Any) -> None:
    joined = Joined(suspicion=0.5, fused_with=("age_years",), not_used=("density",))
    received = there_and_back(opinions=OPINIONS, certainty=certainty, clinical=joined)
    assert received.opinions == OPINIONS
    assert received.certainty == certainty
    assert received.clinical == joined


def test_nothing_arrives_as_nothing() -> None:
    received = there_and_back()
    assert (received.opinions, received.certainty, received.clinical) == ((), None, None)


@pytest.mark.parametrize(
    "change",
    [
        {"certainty": "benign"},
        {"opinions": [["a", "NO_SUCH_REASON"]]},
        {"opinions": [["a", "logistic", "x", True, True, None]]},
        {"clinical": [0.5]},
    ],
)
def test_what_is_none_is_refused(change: dict[str, Any]) -> None:
    header = opinions_to(Described(measures=MEASURES, opinions=OPINIONS)) | change
    with pytest.raises((ValueError, TypeError, KeyError)):
        opinions_from(header)


def test_no_field_of_a_description_is_forgotten() -> None:
    assert {f.name for f in dataclasses.fields(Described)} == {
        "measures", "words", "sentence", "opinions", "certainty", "clinical"
    }  # fmt: skip
