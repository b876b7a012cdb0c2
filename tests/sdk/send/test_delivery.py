from __future__ import annotations

import pytest

from sonoedge.send.delivery import Delivery, Outcome


@pytest.mark.parametrize("outcome", Outcome)
def test_only_what_the_peer_said_to_have_is_stored(outcome: Outcome) -> None:
    delivery = Delivery(name="sr.dcm", uid="2.25.1", outcome=outcome, detail="0xB000")
    assert delivery.stored == (outcome in (Outcome.STORED, Outcome.WARNING))
    assert str(delivery) == f"sr.dcm  {outcome.value}: 0xB000"
