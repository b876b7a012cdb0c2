from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sample_recordings.moments import ORIGIN
from sample_recordings.session import TINY
from sonoedge import GuardSettings, Roi, TrackingSettings
from sonoedge.bundle import read_bundle
from sonoedge.device.cpu import usable_threads
from sonoedge.errors import SonoedgeError
from sonoedge.recording.description import Description

BUNDLE = read_bundle(TINY)


def description(**changes: Any) -> Description:
    settings: dict[str, Any] = {
        "threads": None,
        "roi": None,
        "guard": None,
        "tracking": True,
        "max_age_ms": 150.0,
        "deadline_ms": 500.0,
    }
    return Description(BUNDLE.manifest, BUNDLE.manifest_sha256, **{**settings, **changes})


def test_settings_are_those_that_were_used(tmp_path: object) -> None:
    used = description().recorded_settings()
    assert (used.guard, used.tracking) == (BUNDLE.manifest.guard, BUNDLE.manifest.tracking)
    own = TrackingSettings(raise_frames=3)
    guard = GuardSettings(black_level=None)
    used = description(tracking=own, guard=guard).recorded_settings()
    assert (used.guard, used.tracking) == (guard, own)
    assert description(tracking=False).recorded_settings().tracking is None


def test_the_engine_is_the_one_that_answered_with_its_threads_counted() -> None:
    given = description()
    with pytest.raises(SonoedgeError, match="no engine was ever ready"):
        given.recorded_engine()
    given.engine(replace(ORIGIN, variant="onnxruntime-fp32"))
    engine = given.recorded_engine()
    assert engine.variant == "onnxruntime-fp32"
    assert engine.manifest_sha256 == BUNDLE.manifest_sha256
    assert engine.threads == usable_threads()
    assert engine.machine.architecture


def test_its_mirror_has_the_sessions_region_of_interest() -> None:
    roi = Roi(x0=1, y0=2, x1=30, y1=40)
    mirror = description(roi=roi).mirror()
    assert mirror._preprocess.spec.roi == roi
