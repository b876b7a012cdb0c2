"""The fields of a target's file."""

from __future__ import annotations

from typing import Any

import pytest

# Machines as they would describe themselves; none was measured.


@pytest.fixture
def fields() -> dict[str, Any]:
    """Of a target that requires nothing of the machine."""
    budget = {"analyse_p99_ms": 20.0, "age_p99_ms": 20.0, "misses_per_hour": 6.0}
    return {
        "title": "a box",
        "runtime": "openvino",
        "precision": "int8",
        "threads": 2,
        "fps": 20.0,
        "deadline_ms": 50.0,
        "recognise": {},
        "budget": budget | {"open_p50_ms": 1.0, "first_frame_p50_ms": 1.0},
    }
