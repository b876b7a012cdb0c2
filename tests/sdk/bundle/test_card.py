from __future__ import annotations

from typing import Any

import pytest

from sonoedge.bundle import Card
from sonoedge.errors import InvalidSettings
from sonoedge.settings import plain, read

DATA = {"name": "BUS-BRA", "used_for": "training", "frames": 1126, "devices": ["A", "B"]}


def test_a_card_survives_the_manifest() -> None:
    card = read(Card, {"users": "sonographers", "contraindications": ["implants"], "data": [DATA]})
    assert card.data[0].devices == ("A", "B")
    assert read(Card, plain(card)) == card


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"users": " "}, "users"),
        ({"limitations": ["none known", ""]}, "limitations"),
        ({"data": [DATA | {"licence": ""}]}, "data[0]: licence"),
        ({"data": [DATA | {"frames": 0}]}, "data[0]: frames"),
        ({"data": [DATA | {"patients": -1}]}, "data[0]: patients"),
        ({"data": [DATA | {"sha256": "AB"}]}, "data[0]: sha256"),
        ({"data": [DATA | {"used_for": "fun"}]}, "data[0].used_for"),
        ({"data": [DATA | {"unknown": 1}]}, "data[0].unknown"),
        ({"data": [DATA, DATA]}, "data names 'BUS-BRA' twice for training"),
    ],
)
def test_what_looks_like_an_answer_and_is_none_is_refused_by_its_key(
    table: dict[str, Any], key: str
) -> None:
    with pytest.raises(InvalidSettings) as caught:
        read(Card, table, "card")
    assert key in str(caught.value)


def test_one_set_may_serve_two_uses() -> None:
    other = DATA | {"used_for": "validation"}
    assert len(read(Card, {"data": [DATA, other]}).data) == 2
