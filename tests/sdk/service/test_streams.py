from __future__ import annotations

import pytest

from sonoedge.service.codes import Refusal
from sonoedge.service.incoming import Refused
from sonoedge.service.streams import Streams
from sonoedge.session.intake import MAX_STREAMS


class Clock:
    s = 0.0

    def __call__(self) -> float:
        return self.s


def test_a_name_that_comes_back_gets_its_stream_again() -> None:
    streams = Streams()
    name, stream = streams.take("probe")
    streams.give_back(name)
    assert streams.take("probe") == (name, stream)
    assert streams.take("other")[1] != stream


def test_two_clients_cannot_have_one_stream() -> None:
    streams = Streams()
    streams.take("probe")
    with pytest.raises(Refused) as refused:
        streams.take("probe")
    assert refused.value.token is Refusal.STREAM_IN_USE


def test_clients_without_a_name_never_share_a_stream() -> None:
    streams = Streams()
    assert streams.take("")[1] != streams.take("")[1]


def test_no_more_streams_are_used_than_a_session_has_and_none_while_its_tracks_may_live() -> None:
    clock = Clock()
    streams = Streams(rest_s=10, clock_s=clock)
    taken = [streams.take(f"n{n}") for n in range(MAX_STREAMS)]
    assert len({stream for _, stream in taken}) == MAX_STREAMS
    with pytest.raises(Refused) as refused:
        streams.take("one more")
    assert refused.value.token is Refusal.TOO_MANY_STREAMS
    for name, _ in reversed(taken):
        streams.give_back(name)
        clock.s += 0.01
    with pytest.raises(Refused):
        streams.take("one more")
    clock.s = 10.0
    assert streams.take("one more")[1] == taken[-1][1]  # the one that has rested longest
    with pytest.raises(Refused):
        streams.take("and another")
    assert streams.take("n0")[1] == taken[0][1]  # its own name's


def test_whoever_sent_no_frame_keeps_no_stream_from_others() -> None:
    """A host that makes up a name at each of its starts, and dies at once."""
    streams = Streams(clock_s=Clock())
    for number in range(10 * MAX_STREAMS):
        name, _ = streams.take(f"n{number}")
        streams.give_back(name, had_frames=False)


def test_a_stream_that_had_frames_rests_though_its_name_came_back_without_any() -> None:
    clock = Clock()
    streams = Streams(rest_s=10, clock_s=clock)
    taken = [streams.take(f"n{n}")[0] for n in range(MAX_STREAMS)]
    for name in taken:
        streams.give_back(name)
    streams.take("n0")
    streams.give_back("n0", had_frames=False)
    clock.s = 9.9
    with pytest.raises(Refused):
        streams.take("one more")
    clock.s = 10.0
    assert streams.take("one more")[1] == "client-0"


def test_the_session_never_hears_a_clients_name() -> None:
    assert Streams().take("Mrs Jones")[1] == "client-0"
