"""A device's trust.json and its floors."""

from __future__ import annotations

from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import as_json
from sonoedge.errors import TrustError
from sonoedge.trust.floor import FileFloors
from sonoedge.trust.policy import read_policy

POLICY: dict[str, Any] = {
    "keyrings": "/nowhere", "floors": "/nowhere/floors.json", "first_keyring": "0" * 64,
    "grants": "/nowhere/grants", "device": "cart-7", "device_key": "/nowhere/device.key",
    "bar": {
        "flag_threshold": 0.5, "min_area_input_px": 64.0,
        "guard": {"frozen_after_ms": 500.0, "aspect": [0.25, 4.0], "probes": ["L15"]},
        "tracking": {
            "raise_threshold": 0.6,
            "gap_ms": 500.0,
            "evidence": {"raise_log_odds": 3.0, "half_life_ms": 700.0},
        },
    },
}  # fmt: skip
NO_KEYRINGS: dict[str, Any] = {k: POLICY[k] for k in ("device_key", "bar")}
FLOORS: dict[str, Any] = {"keyring": 1, "floors": {"p": 3, "q": 0}}


def attack(data: bytes) -> None:
    """Both files in turns: an input is read as the one and as the other."""
    path = scratch_file("trust.json", data)
    try:
        read_policy(path)
    except TrustError:
        floor = FileFloors(path).read("p")
        assert floor >= 0


POINT = EntryPoint(
    attack=attack,
    seeds=(as_json(POLICY), as_json(NO_KEYRINGS), as_json(FLOORS)),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(POLICY, NO_KEYRINGS, FLOORS), encode=as_json),
    suffix=".json",
)
