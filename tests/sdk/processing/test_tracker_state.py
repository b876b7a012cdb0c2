from __future__ import annotations

import json

import pytest

from sample_recordings.moments import region
from sonoedge import EvidenceSettings, TrackingSettings
from sonoedge.processing.tracker_state import Scene, TrackerState
from sonoedge.processing.tracking import Tracker
from sonoedge.settings import plain, read

SCENE = Scene(
    probe="L12",
    preset=None,
    depth_mm=40.0,
    height=120,
    width=160,
    roi_px=(0, 0, 160, 120),
    aspect=1.0,
)


@pytest.mark.parametrize("evidence", [None, EvidenceSettings()], ids=["votes", "evidence"])
def test_a_state_comes_back_from_json_and_the_tracker_goes_on(
    evidence: EvidenceSettings | None,
) -> None:
    settings = TrackingSettings(raise_frames=2, window_frames=4, keep_frames=1, evidence=evidence)
    first, second = Tracker(settings, 0.5), Tracker(settings, 0.5)
    answers = set()
    for number in range(60):
        regions = [region(0.9 if number % 7 else 0.1, x=3 * number)] if number % 19 else []
        state = read(TrackerState, json.loads(json.dumps(plain(first.state()))))
        assert state == first.state()
        second.restore(state)
        ours, up = first.update(regions, number * 4 * 10**7, SCENE)
        theirs, other_up = second.update(regions, number * 4 * 10**7, SCENE)
        assert up == other_up
        assert [(r.track_id, r.track_flagged) for r in ours] == [
            (r.track_id, r.track_flagged) for r in theirs
        ]
        answers.add(up)
    assert first.state().next_id >= 1
    assert answers == {False, True}


def test_a_new_tracker_has_the_state_of_none() -> None:
    assert Tracker(TrackingSettings(), 0.5).state() == TrackerState()
