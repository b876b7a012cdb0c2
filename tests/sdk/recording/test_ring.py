from __future__ import annotations

from sample_recordings.moments import SECOND, analysed, moment
from sonoedge.recording.ring import Ring

SIZE = 60 * 80


def ring(count: int) -> Ring:
    result = Ring()
    for second in range(count):
        result.add(moment(second, analysed()))
    return result


def test_old_moments_leave_first_and_the_bytes_add_up() -> None:
    moments = ring(5)
    assert moments.size == 5 * SIZE
    gone = list(moments.evict(before_ns=2 * SECOND, most_bytes=10 * SIZE))
    assert [m.at_ns for m in gone] == [0, SECOND]
    assert (len(moments), moments.size) == (3, 3 * SIZE)


def test_bytes_bound_the_ring_where_time_does_not() -> None:
    moments = ring(5)
    gone = list(moments.evict(before_ns=0, most_bytes=2 * SIZE))
    assert [m.at_ns for m in gone] == [0, SECOND, 2 * SECOND]


def test_a_superseded_frame_takes_no_bytes() -> None:
    moments = Ring()
    moments.add(moment(0))
    assert (len(moments), moments.size) == (1, 0)


def test_taking_all_leaves_nothing() -> None:
    moments = ring(3)
    assert [m.at_ns for m in moments.take_all()] == [0, SECOND, 2 * SECOND]
    assert (len(moments), moments.size) == (0, 0)
