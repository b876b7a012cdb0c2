from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

import sonoedge
from sonoedge.bundle import read_bundle
from sonoedge.errors import BelowDeviceBar, InvalidSettings, TrustError
from sonoedge.guard import GuardSettings
from sonoedge.processing.evidence import EvidenceSettings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.tracking import Tracker, TrackingSettings
from sonoedge.trust.device_bar import (
    EVIDENCE,
    GUARD,
    KEEP_SHARE,
    TRACKING,
    VOTES,
    DeviceBar,
    check_bundle,
)
from sonoedge.trust.policy import TrustPolicy, read_policy

SPEC = PostprocessSpec(labels=("normal", "malignant"), positive=("malignant",))
ALL = GuardSettings(probes=("L12-3", "L15"), presets=("breast",), spacing_required=True)

# A stricter and a laxer value of every setting; `ALL` and the defaults lie between.
STEPS: dict[str, tuple[Any, Any]] = {
    "frozen_after_ms": (400.0, 600.0),
    "saturated_level": (240, 251),
    "saturated_share": (0.4, 0.6),
    "constant_range": (3, 1),
    "max_side_px": (4096, 9000),
    "black_level": (21, 19),
    "bars_contrast": (19.0, 21.0),
    "colour_level": (60, 65),
    "colour_share": (0.005, 0.02),
    "air_structure": (1.5, 0.5),
    "aspect": ((0.5, 4.0), (0.25, 5.0)),
    "depth_mm": ((3.0, 400.0), (1.0, 400.0)),
    "pixel_aspect": ((0.2, 5.0), (0.2, 11.0)),
    "spacing_required": (True, False),
    "probes": (("l15",), ("L15", "C5")),
    "presets": (("BREAST",), None),
}
TRACKING_STEPS: dict[str, tuple[Any, Any]] = {
    "match_iou": (0.2, 0.4),
    "raise_threshold": (0.4, 0.7),
    "hold_off_frames": (9, 11),
    "lost_after_frames": (9, 7),
    "gap_ms": (1500.0, 500.0),
}
VOTES_STEPS: dict[str, tuple[Any, Any]] = {
    "keep_threshold": (0.3, 0.5),
    "raise_frames": (4, 6),
    "window_frames": (9, 7),
    "keep_frames": (2, 4),
}
EVIDENCE_STEPS: dict[str, tuple[Any, Any]] = {
    "raise_log_odds": (2.5, 3.5),
    "keep_log_odds": (0.5, 1.5),
    "most_log_odds": (7.0, 5.0),
    "unseen_log_odds": (0.0, 1.0),
    "half_life_ms": (900.0, 700.0),
}
GATHERED = EvidenceSettings(
    raise_log_odds=3.0,
    keep_log_odds=1.0,
    most_log_odds=6.0,
    unseen_log_odds=0.5,
    half_life_ms=800.0,
)


def check(bar: DeviceBar, guard: GuardSettings = ALL, **more: Any) -> None:
    tracking = more.pop("tracking", TrackingSettings())
    check_bundle(bar, replace(SPEC, **more), guard, tracking)


def test_every_setting_of_guard_and_tracking_has_its_direction() -> None:
    assert set(GUARD) == set(STEPS) == {f.name for f in fields(GuardSettings)}
    of_tracking = {f.name for f in fields(TrackingSettings)} - {"evidence"}
    assert set(TRACKING) == set(TRACKING_STEPS)
    assert set(VOTES) == set(VOTES_STEPS)
    assert {*TRACKING, *VOTES} == of_tracking
    assert set(EVIDENCE) == set(EVIDENCE_STEPS) == {f.name for f in fields(EvidenceSettings)}


@pytest.mark.req("R45")
@pytest.mark.parametrize("name", STEPS)
def test_a_guard_may_be_stricter_and_never_laxer(name: str) -> None:
    bar = DeviceBar(guard=ALL)
    stricter, laxer = STEPS[name]
    check(bar)
    check(bar, replace(ALL, **{name: stricter}))
    with pytest.raises(BelowDeviceBar, match=f"guard.{name} is "):
        check(bar, replace(ALL, **{name: laxer}))


@pytest.mark.parametrize("name", [n for n in STEPS if getattr(ALL, n) is not None])
def test_a_check_that_the_device_demands_may_not_be_off(name: str) -> None:
    try:
        off = replace(ALL, **{name: None})
    except TypeError:
        return  # one that cannot be switched off
    with pytest.raises(BelowDeviceBar, match=f"guard.{name} is off"):
        check(DeviceBar(guard=ALL), off)
    check(DeviceBar(guard=off), off)


@pytest.mark.parametrize("evidence", [None, GATHERED], ids=["votes", "evidence"])
@pytest.mark.parametrize("name", [*TRACKING_STEPS, *VOTES_STEPS])
def test_tracking_may_flag_sooner_and_never_later(
    name: str, evidence: EvidenceSettings | None
) -> None:
    base = TrackingSettings(raise_threshold=0.6, keep_threshold=0.4, evidence=evidence)
    stricter, laxer = (TRACKING_STEPS | VOTES_STEPS)[name]
    more = {"keep_threshold": 0.3} if name == "raise_threshold" else {}
    bar = DeviceBar(tracking=base)
    check(bar, tracking=base)
    check(bar, tracking=replace(base, **({name: stricter} | more)))
    if evidence is not None and name in VOTES:
        check(bar, tracking=replace(base, **{name: laxer}))  # it says nothing there
        return
    with pytest.raises(BelowDeviceBar, match=f"tracking.{name} is "):
        check(bar, tracking=replace(base, **{name: laxer}))


@pytest.mark.parametrize("name", EVIDENCE_STEPS)
def test_evidence_may_flag_sooner_and_never_later(name: str) -> None:
    base = TrackingSettings(evidence=GATHERED)
    stricter, laxer = EVIDENCE_STEPS[name]
    bar = DeviceBar(tracking=base)
    check(bar, tracking=base)
    check(bar, tracking=replace(base, evidence=replace(GATHERED, **{name: stricter})))
    with pytest.raises(BelowDeviceBar, match=f"tracking.evidence.{name} is "):
        check(bar, tracking=replace(base, evidence=replace(GATHERED, **{name: laxer})))


def test_a_bar_in_votes_does_not_pass_evidence_nor_the_other_way_round() -> None:
    votes, evidence = TrackingSettings(), TrackingSettings(evidence=GATHERED)
    with pytest.raises(BelowDeviceBar, match="tracking goes by evidence, must be votes"):
        check(DeviceBar(tracking=votes), tracking=evidence)
    with pytest.raises(BelowDeviceBar, match="tracking goes by votes, must be evidence"):
        check(DeviceBar(tracking=evidence), tracking=votes)
    check(DeviceBar(flag_threshold=0.5), tracking=evidence)


def test_thresholds_that_tracking_takes_from_elsewhere_are_held_to_the_bar_too() -> None:
    bar = DeviceBar(tracking=TrackingSettings(raise_threshold=0.6, keep_threshold=0.5))
    check(bar, flag_threshold=0.6)
    with pytest.raises(BelowDeviceBar, match=r"raise_threshold is 0\.7"):
        check(bar, flag_threshold=0.7)
    tracker = Tracker(TrackingSettings(raise_threshold=0.6), 0.5)
    assert tracker._keep == pytest.approx(KEEP_SHARE * 0.6)


@pytest.mark.parametrize(
    ("name", "laxest", "laxer"),
    [
        ("flag_threshold", 0.6, 0.61),
        ("lesion_threshold", 0.5, 0.51),
        ("min_area_input_px", 64.0, 65.0),
    ],
)
def test_no_threshold_hides_more_than_the_device_allows(
    name: str, laxest: float, laxer: float
) -> None:
    bar = DeviceBar(**{name: laxest})
    check(bar, **{name: laxest})
    with pytest.raises(BelowDeviceBar, match=f"postprocess.{name}"):
        check(bar, **{name: laxer})


def test_the_message_names_every_setting_and_a_bar_of_nothing_demands_nothing() -> None:
    off = GuardSettings(frozen_after_ms=None, air_structure=None)
    with pytest.raises(BelowDeviceBar, match=r"frozen_after_ms is off.*air_structure is off"):
        check(DeviceBar(guard=GuardSettings()), off)
    check(DeviceBar(), off)
    check_bundle(None, SPEC, off, TrackingSettings())


@pytest.mark.parametrize(
    "bar", [{"flag_threshold": 1.5}, {"min_area_input_px": -1.0}, {"guard": {"colour": 1}}, []]
)
def test_a_bar_that_cannot_be_read_is_an_error_and_not_no_bar(tmp_path: Path, bar: object) -> None:
    (tmp_path / "trust.json").write_text(json.dumps({"keyrings": "/nowhere", "bar": bar}))
    with pytest.raises(TrustError, match="not a usable policy"):
        read_policy(tmp_path / "trust.json")


def test_the_policy_file_holds_a_bar(tmp_path: Path, sealed_keyring: Callable[..., bytes]) -> None:
    (tmp_path / "1.keyring.json").write_bytes(sealed_keyring(["root-a"]))
    bar = {"flag_threshold": 0.6, "guard": {"spacing_required": True, "air_structure": None}}
    fields_ = {"keyrings": str(tmp_path), "bar": bar}
    (tmp_path / "trust.json").write_text(json.dumps(fields_))
    guard = GuardSettings(spacing_required=True, air_structure=None)
    assert read_policy(tmp_path / "trust.json").bar == DeviceBar(flag_threshold=0.6, guard=guard)


@pytest.mark.req("R45")
def test_bundles_and_callers_are_held_to_it_when_a_bundle_is_opened(tiny: Path) -> None:
    manifest = read_bundle(tiny, trust=TrustPolicy()).manifest
    met = TrustPolicy(bar=DeviceBar(guard=manifest.guard, tracking=manifest.tracking))
    with sonoedge.open(tiny, trust=met):
        pass
    lax = replace(manifest.guard, frozen_after_ms=None)
    slow = replace(manifest.tracking, hold_off_frames=100)
    for begin in (sonoedge.open, sonoedge.live):
        with pytest.raises(InvalidSettings, match=r"guard.frozen_after_ms is off"):
            begin(tiny, trust=met, guard=lax)
        with pytest.raises(InvalidSettings, match=r"tracking.hold_off_frames"):
            begin(tiny, trust=met, tracking=slow)
    with sonoedge.open(tiny, trust=met, tracking=False):
        pass
    strict = TrustPolicy(bar=DeviceBar(flag_threshold=0.4))
    for begin in (sonoedge.open, sonoedge.live, read_bundle):
        with pytest.raises(BelowDeviceBar, match="flag_threshold"):
            begin(tiny, trust=strict)
