"""state.json of a store, and the answer of a bundle's self-test."""

from __future__ import annotations

import contextlib
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import as_json
from sonoedge.errors import SonoedgeError, StoreError
from sonoedge.settings import plain
from sonoedge.store.health import HealthReport
from sonoedge.store.health.self_test import _report
from sonoedge.store.layout import Layout
from sonoedge.store.state import EMPTY, read_state

A, B, C = "a" * 64, "b" * 64, "c" * 64
STATE: dict[str, Any] = plain(EMPTY) | {
    "seq": 3,
    "active": A,
    "previous": B,
    "trial": A,
    "tries": {A: 1},
    "blocked": [C],
    "last_fall_back": {"sha256": C, "token": "GOLDEN_MISMATCH", "why": "off"},
}
REPORT: dict[str, Any] = {"is": "passed"} | plain(
    HealthReport(variant="v", runtime="r", choice="c", frames=1, p50_ms=1.0, p99_ms=2.0)
)


def attack(data: bytes) -> None:
    """Both in turns: an input is read as the one and as the other."""
    try:
        state = read_state(Layout(root=scratch_file("state.json", data).parent))
        assert state.trial in (None, state.active)
        assert state.active not in state.blocked
    except StoreError:
        pass
    with contextlib.suppress(SonoedgeError):  # the one that the answer names
        _report(data, 0)


POINT = EntryPoint(
    attack=attack,
    seeds=(as_json(STATE), as_json(REPORT)),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(STATE, REPORT), encode=as_json),
    suffix=".json",
)
