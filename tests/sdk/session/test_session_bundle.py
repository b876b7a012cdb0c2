from __future__ import annotations

from typing import Any

from sonoedge.guard import GuardSettings
from sonoedge.session.session_bundle import SessionBundle


class Opened:
    """A bundle that was read from a store, or from elsewhere."""

    def __init__(self, lease: Any) -> None:
        self.lease = lease


class Lease:
    closed = 0

    def close(self) -> None:
        self.closed += 1


def bundle(opened: Any) -> SessionBundle:
    return SessionBundle(
        make=lambda origin: None,  # type: ignore[arg-type,return-value]
        guard=GuardSettings(),
        labels=(),
        threshold=0.5,
        opened=opened,
    )


def test_a_bundle_of_a_store_lets_its_folder_go_and_any_other_has_nothing_to_let_go() -> None:
    lease = Lease()
    bundle(Opened(lease)).release()
    assert lease.closed == 1
    bundle(Opened(None)).release()
    bundle(None).release()
