from __future__ import annotations

import typing

from sonoedge.description import Described, Description, NotDescribed, NotDescribedReason


def test_nothing_to_say_and_not_described_are_two_types() -> None:
    assert set(typing.get_args(Description)) == {Described, NotDescribed}
    assert not {"measures", "words", "sentence"} & set(NotDescribed.__dataclass_fields__)


def test_reasons_are_stable_tokens() -> None:
    assert [reason.value for reason in NotDescribedReason] == [
        *("NO_MEASURES", "REGION_TOO_SMALL", "REGION_INVALID", "FRAME_NOT_ANALYSED"),
        *("STALE", "CLOSED", "FORKED", "INTERNAL_ERROR"),
    ]
