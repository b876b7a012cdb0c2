"""Which frames become a clip, by a clock that is told."""

from __future__ import annotations

import pytest

from sample_recordings.moments import SECOND, analysed, moment, region
from sonoedge import GuardSettings, Recording
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.recording.clip import Clip
from sonoedge.recording.collection import Collection
from sonoedge.recording.mirror import Mirror
from sonoedge.recording.moment import Moment

MIB = 1 << 20
PER_MIB = MIB // (60 * 80)


class Stream:
    """A collection, fed ten moments a second."""

    def __init__(self, before_s: float = 1.0, after_s: float = 1.0, memory_mb: int = 64) -> None:
        recording = Recording(folder="x", before_s=before_s, after_s=after_s, memory_mb=memory_mb)
        mirror = Mirror(
            preprocess=PreprocessSpec(height=64, width=64),
            guard=GuardSettings(),
            tracking=None,
            threshold=0.5,
        )
        self.released: list[Moment] = []
        self.collection = Collection(recording, mirror, self.released.append)
        self.clips: list[Clip] = []
        self.tenths = 0

    def feed(self, count: int, *, flagged: bool = False, lost: bool = False) -> None:
        for _ in range(count):
            answer = analysed(*([region()] if flagged else []))
            self.clips += self.collection.add(
                moment(self.tenths / 10, answer, lost=lost, frame_id=self.tenths)
            )
            self.tenths += 1

    def ids(self, number: int = 0) -> list[int]:
        return [m.frame_id for m in self.clips[number].moments]


def test_a_clip_holds_the_seconds_before_and_after_a_flag() -> None:
    stream = Stream()
    stream.feed(50)
    stream.feed(1, flagged=True)
    assert stream.collection.in_the_making
    stream.feed(30)
    assert len(stream.clips) == 1
    assert stream.ids() == list(range(39, 61))
    assert stream.clips[0].triggers[0].frame == 50
    assert stream.clips[0].cut == ""


def test_a_flag_within_a_clip_is_part_of_it_and_no_frame_is_in_two() -> None:
    stream = Stream()
    for _ in range(6):
        stream.feed(8)
        stream.feed(1, flagged=True)
    stream.feed(30)
    seen = [i for number in range(len(stream.clips)) for i in stream.ids(number)]
    assert len(stream.clips) > 1
    assert seen == sorted(set(seen))
    assert [t.frame for t in stream.clips[0].triggers] == [8, 17]


def test_every_moment_is_released_or_in_a_clip() -> None:
    stream = Stream()
    stream.feed(40)
    stream.feed(1, flagged=True)
    stream.feed(40)
    stream.clips += stream.collection.end()
    known = [m.frame_id for m in stream.released] + stream.ids()
    assert sorted(known) == list(range(81))


def test_a_clip_in_the_making_is_written_when_the_session_ends() -> None:
    stream = Stream()
    stream.feed(5)
    stream.feed(2, flagged=True)
    (clip,) = stream.collection.end()
    assert [m.frame_id for m in clip.moments] == list(range(7))
    assert clip.cut == "CLOSED"
    assert stream.collection.end() == []


def test_time_alone_completes_a_clip_where_no_frames_come() -> None:
    stream = Stream()
    stream.feed(1, flagged=True)
    assert stream.collection.advance(SECOND - 1) == []
    (clip,) = stream.collection.advance(SECOND)
    assert len(clip.moments) == 1


def test_memory_bounds_what_is_kept_before_and_what_comes_after() -> None:
    stream = Stream(before_s=300.0, after_s=300.0, memory_mb=4)
    stream.feed(4 * PER_MIB)
    assert len(stream.released) >= 3 * PER_MIB  # a quarter is for what comes before
    stream.feed(1, flagged=True)
    stream.feed(3 * PER_MIB)
    assert stream.clips[0].cut == "MEMORY"
    assert sum(m.size for m in stream.clips[0].moments) <= 2 * MIB
    after = [i for i in stream.ids() if i > 4 * PER_MIB]
    assert len(after) == pytest.approx(PER_MIB, abs=2)


def test_no_clip_spans_a_lost_frame() -> None:
    stream = Stream()
    stream.feed(5)
    stream.feed(1, flagged=True)
    stream.feed(1, lost=True)
    assert stream.ids() == list(range(6))
    assert stream.clips[0].cut == "MEMORY"
    stream.feed(3)
    stream.feed(1, flagged=True)
    stream.clips += stream.collection.end()
    assert stream.ids(1) == [7, 8, 9, 10]
