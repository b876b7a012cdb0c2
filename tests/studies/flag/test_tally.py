from __future__ import annotations

from sonoedge import EvidenceSettings, TrackingSettings
from studies.flag.answers import Answered, AnsweredClip
from studies.flag.tally import SeenClip, each_frame, seen, tally, tracked

BOX = (10, 10, 60, 60)


def clip(*frames: tuple[bool, float | None], group: str = "set") -> SeenClip:
    """Frames 100 ms apart: a flag is wanted; the region's suspicion, or None: not analysed."""
    answers = tuple(
        Answered(
            at_ns=number * 10**8,
            wanted=wanted,
            reason="CONSTANT" if suspicion is None else "",
            flagged=suspicion is not None and suspicion >= 0.5,
            regions=() if suspicion is None else ((*BOX, suspicion),),
        )
        for number, (wanted, suspicion) in enumerate(frames)
    )
    return seen(AnsweredClip(group=group, frames=answers))


def test_rises_outside_of_what_is_wanted_are_false_and_counted_by_the_minute() -> None:
    frames = [(False, 0.9), (False, 0.1), (False, 0.9), (False, 0.9), (True, 0.9), (True, 0.1)]
    row = tally([clip(*frames)], each_frame)
    assert (row.false_rises, row.clips, row.positive) == (2, 1, 1)
    assert row.unwanted_s == 4 * 0.1
    assert row.false_per_minute == 2 / 0.4 * 60
    assert row.delays_s == [0.0]


def test_a_positive_clip_that_is_never_flagged_while_wanted_is_missed() -> None:
    late = clip((True, 0.1), (True, 0.1), (True, 0.9))
    never = clip((False, 0.9), (True, 0.1))
    row = tally([late, never], each_frame)
    assert (row.positive, row.delays_s, row.flagged_share) == (2, [0.2], 0.5)


def test_frames_that_were_not_analysed_are_left_out_of_time_and_flags() -> None:
    row = tally([clip((False, 0.9), (False, None), (False, 0.9))], each_frame)
    assert (row.false_rises, row.not_analysed) == (1, 1)
    assert row.unwanted_s == 2 * 0.1


def test_a_lesion_in_frames_that_were_not_analysed_is_missed_or_flagged_late() -> None:
    hidden, late = clip((True, None), (True, None)), clip((True, None), (True, 0.9))
    row = tally([hidden, late], each_frame)
    assert (row.positive, row.delays_s) == (2, [0.1])


def test_the_devices_tracker_judges() -> None:
    rule = EvidenceSettings(raise_log_odds=4.0, most_log_odds=8.0, half_life_ms=1000.0)
    steady = clip(*[(True, 0.9)] * 10)
    by_evidence = tally([steady], tracked(TrackingSettings(evidence=rule), 0.5))
    by_votes = tally([steady], tracked(TrackingSettings(), 0.5))
    assert by_evidence.delays_s == [0.3]
    assert by_votes.delays_s == [0.4]
