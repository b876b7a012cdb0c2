from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, Frame, FrameMeta, Region, TrackingSettings
from sonoedge.errors import InvalidSettings
from sonoedge.processing.tracking import Tracker, iou

TINY = Path(__file__).parents[2] / "data" / "tiny"
PLAIN = TrackingSettings(
    raise_frames=3, window_frames=4, keep_frames=1, hold_off_frames=0, lost_after_frames=4
)


def region(x: int = 10, suspicion: float = 0.9, *, side: int = 20) -> Region:
    return Region(
        contour_px=np.array([[x, 10], [x + side, 10], [x + side, 10 + side]], dtype=np.int32),
        box_px=(x, 10, x + side, 10 + side),
        area_px=side * side / 2,
        area_mm2=None,
        box_mm=None,
        suspicion=suspicion,
        class_probs={},
        flagged=suspicion >= 0.5,
    )


class Stream:
    """Frames 40 ms apart."""

    def __init__(self, settings: TrackingSettings = PLAIN) -> None:
        self.tracker = Tracker(settings, 0.5)
        self.ms = 0.0

    def frame(self, *regions: Region, key: Any = None, after_ms: float = 40.0) -> bool:
        self.ms += after_ms
        self.regions, up = self.tracker.update(regions, int(self.ms * 1e6), key)
        return up

    def ids(self) -> list[int | None]:
        return [r.track_id for r in self.regions]


def test_a_moving_region_keeps_its_track() -> None:
    stream = Stream()
    for step in range(30):
        stream.frame(region(10 + 4 * step))
        assert stream.ids() == [0]


def test_a_jump_begins_another_track_and_ids_are_not_used_twice() -> None:
    stream = Stream()
    stream.frame(region(10))
    stream.frame(region(200))
    assert stream.ids() == [1]
    stream.tracker.reset()
    stream.frame(region(10))
    assert stream.ids() == [2]


def test_two_regions_that_swap_their_order_keep_their_tracks() -> None:
    stream = Stream()
    stream.frame(region(10), region(100))
    stream.frame(region(101), region(11))
    assert stream.ids() == [1, 0]


def test_the_best_overlap_goes_first() -> None:
    stream = Stream()
    stream.frame(region(10))
    stream.frame(region(16), region(11))
    assert stream.ids() == [1, 0]


@pytest.mark.req("R44")
def test_the_flag_goes_up_after_n_of_m_frames() -> None:
    stream = Stream()
    seen = [stream.frame(region(suspicion=s)) for s in (0.9, 0.1, 0.9, 0.9)]
    assert seen == [False, False, False, True]
    assert stream.regions[0].track_flagged


def test_votes_older_than_m_frames_do_not_count() -> None:
    stream = Stream()
    high = (0.9, 0.9, 0.1, 0.1, 0.9, 0.1, 0.1, 0.9)
    assert not any(stream.frame(region(suspicion=s)) for s in high)


@pytest.mark.req("R44")
def test_one_odd_frame_raises_nothing() -> None:
    stream = Stream()
    assert not any(stream.frame(region(suspicion=0.99 if i == 5 else 0.1)) for i in range(20))


def test_suspicion_between_the_thresholds_keeps_a_flag_but_does_not_raise_one() -> None:
    between = region(suspicion=0.45)
    stream = Stream()
    assert not any(stream.frame(between) for _ in range(10))
    for _ in range(3):
        stream.frame(region())
    assert all(stream.frame(between) for _ in range(20))
    assert [stream.frame(region(suspicion=0.2)) for _ in range(5)][-1] is False


def test_a_region_missing_for_a_frame_keeps_track_and_flag() -> None:
    stream = Stream()
    for _ in range(4):
        stream.frame(region())
    assert stream.frame() is True
    assert stream.frame(region()) is True
    assert stream.ids() == [0]


def test_a_track_not_seen_for_long_ends_and_its_flag_falls() -> None:
    stream = Stream(replace(PLAIN, lost_after_frames=2))
    for _ in range(4):
        stream.frame(region())
    assert [stream.frame(), stream.frame()] == [True, False]
    stream.frame(region())
    assert stream.ids() == [1]


def test_after_a_fall_the_flag_is_held_off_for_so_many_frames() -> None:
    stream = Stream(replace(PLAIN, hold_off_frames=6, lost_after_frames=1))
    for _ in range(3):
        stream.frame(region())
    assert stream.frame() is False
    seen = [stream.frame(region()) for _ in range(8)]
    assert seen == [False] * 6 + [True] * 2


def test_a_second_region_does_not_wait_while_the_first_is_flagged() -> None:
    stream = Stream(replace(PLAIN, hold_off_frames=6))
    for _ in range(3):
        stream.frame(region(10))
    for _ in range(3):
        stream.frame(region(10), region(100))
    assert [r.track_flagged for r in stream.regions] == [True, True]


@pytest.mark.parametrize("how", ["key", "gap", "clock back"])
def test_another_scene_forgets_tracks_and_flag(how: str) -> None:
    stream = Stream()
    for _ in range(4):
        stream.frame(region(), key="4 cm")
    after_ms = {"gap": 1001.0, "clock back": -1.0}.get(how, 40.0)
    assert (
        stream.frame(region(), key="6 cm" if how == "key" else "4 cm", after_ms=after_ms) is False
    )
    assert stream.ids() == [1]


def test_thresholds_of_the_settings_go_before_the_operating_point() -> None:
    stream = Stream(replace(PLAIN, raise_threshold=0.95, keep_threshold=0.9))
    assert not any(stream.frame(region(suspicion=0.93)) for _ in range(10))


@pytest.mark.parametrize(
    "wrong",
    [
        {"match_iou": 0.0},
        {"raise_threshold": 1.0},
        {"raise_threshold": 0.5, "keep_threshold": 0.6},
        {"raise_frames": 9},
        {"keep_frames": 6},
        {"hold_off_frames": -1},
        {"lost_after_frames": 0},
        {"gap_ms": 0.0},
        {"gap_ms": float("nan")},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings, match=list(wrong)[-1]):
        TrackingSettings(**wrong)


def test_overlap_is_intersection_over_union() -> None:
    assert iou((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert iou((0, 0, 10, 10), (10, 0, 20, 10)) == 0.0


# With an engine: what an opened bundle does.


def spot(number: int, x: int) -> np.ndarray:
    pixels = np.random.default_rng(number).integers(140, 200, (120, 160), dtype=np.uint8)
    rows, columns = np.mgrid[0:120, 0:160]
    pixels[np.hypot(columns - x, rows - 60) < 20] = 10
    return pixels


def analyses(count: int, **asked: Any) -> list[Analysed]:
    pytest.importorskip("onnxruntime")
    with sonoedge.open(TINY, **asked) as analyser:
        results = []
        for i in range(count):
            frame = Frame(pixels=spot(i, 40 + 2 * i), captured_ns=i * 40_000_000)
            result = analyser.analyse(frame)
            assert isinstance(result, Analysed)
            results.append(result)
    return results


def test_an_opened_bundle_tracks_by_its_manifest() -> None:
    results = analyses(10)
    assert {r.track_id for a in results for r in a.regions} == {0}
    assert [a.temporal_flag for a in results] == [False] * 4 + [True] * 6
    assert all(a.flagged for a in results)
    assert results[-1].stages_ms["tracker"] >= 0


@pytest.mark.req("R44")
def test_without_tracking_there_is_no_temporal_flag_to_misread() -> None:
    results = analyses(6, tracking=False)
    assert [a.temporal_flag for a in results] == [None] * 6
    assert {r.track_id for a in results for r in a.regions} == {None}


def test_tracking_changes_nothing_of_the_frame_by_frame_answer() -> None:
    with_tracks, without = analyses(8), analyses(8, tracking=False)
    for a, b in zip(with_tracks, without, strict=True):
        assert [r.suspicion for r in a.regions] == [r.suspicion for r in b.regions]
        assert [r.box_px for r in a.regions] == [r.box_px for r in b.regions]
        assert a.flagged == b.flagged


def test_depth_and_freeze_begin_anew_and_streams_have_their_own_memory() -> None:
    pytest.importorskip("onnxruntime")
    quick = TrackingSettings(raise_frames=2, window_frames=2, keep_frames=1)
    with sonoedge.open(TINY, tracking=quick) as analyser:

        def up(i: int, stream: str = "a", **meta: Any) -> bool | None:
            frame = Frame(pixels=spot(i, 50), captured_ns=i * 40_000_000, meta=FrameMeta(**meta))
            result = analyser.analyse(frame, stream=stream)
            return result.temporal_flag if isinstance(result, Analysed) else None

        assert [up(0), up(1)] == [False, True]
        assert up(2, "b") is False
        assert up(3) is True
        assert [up(4, depth_mm=60.0), up(5, depth_mm=60.0)] == [False, True]
        assert up(6, depth_mm=60.0, frozen=True) is None
        assert up(7, depth_mm=60.0) is False
        analyser.forget("a")
        assert up(8) is False
