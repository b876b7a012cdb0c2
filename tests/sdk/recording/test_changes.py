from __future__ import annotations

from sample_recordings.moments import analysed, refused, region
from sonoedge import Analysis, Reason
from sonoedge.recording.answer import answer_of
from sonoedge.recording.changes import ChangeCount, Changes


def changes(*pairs: tuple[Analysis, Analysis], window: int = 0, memory_ms: float = 0.0) -> Changes:
    count = ChangeCount(window, memory_ms)
    for frame, (recorded, now) in enumerate(pairs):
        count.add(frame, 0, answer_of(recorded), answer_of(now), frame * 40_000_000)
    return count.changes()


FLAGGED, QUIET, BLACK = analysed(region(0.9)), analysed(region(0.2)), refused(Reason.BLACK)


def test_flags_that_come_and_go_are_named_by_frame() -> None:
    result = changes((QUIET, FLAGGED), (FLAGGED, QUIET), (FLAGGED, FLAGGED))
    assert (result.flags_gained, result.flags_lost) == ((0,), (1,))
    assert result.compared == 3
    assert result.suspicion is not None
    assert result.suspicion[1] == 0.0


def test_a_frame_that_one_did_not_analyse_is_no_flag_lost() -> None:
    result = changes((FLAGGED, BLACK), (BLACK, FLAGGED), (BLACK, BLACK))
    assert result.flags_lost == result.flags_gained == ()
    assert result.outcomes_changed == (0, 1)
    assert result.compared == 0
    assert result.iou is None
    assert result.suspicion is None


def test_a_region_without_counterpart_counts_as_no_overlap() -> None:
    assert changes((FLAGGED, FLAGGED)).iou == 1.0
    assert changes((FLAGGED, analysed())).iou == 0.0
    both = analysed(region(), region(x=100))
    assert changes((FLAGGED, both)).iou == 2 / 3


def test_temporal_flags_wait_until_tracks_could_have_grown() -> None:
    pair = (analysed(up=False), analysed(up=True))
    result = changes(*[pair] * 5, window=3)
    assert result.temporal_from == 3
    assert result.temporal_gained == (3, 4)
    assert changes(*[pair] * 2, window=3).temporal_from is None


def test_temporal_flags_wait_until_earlier_evidence_would_be_forgotten() -> None:
    pair = (analysed(up=False), analysed(up=True))
    result = changes(*[pair] * 5, memory_ms=100.0)
    assert result.temporal_from == 3
    assert result.temporal_gained == (3, 4)


def test_the_largest_change_of_suspicion_keeps_its_sign() -> None:
    result = changes((FLAGGED, analysed(region(0.5))), (QUIET, analysed(region(0.3))))
    assert result.suspicion is not None
    assert result.suspicion[0] == 0.5 - 0.9
