"""sources/watch.py, through devices that misbehave on order."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from false_device import PATIENCE_S, Device, until
from sonoedge.analysis import Reason
from sonoedge.errors import InvalidSettings, SourceError
from sonoedge.sources.picture import Picture
from sonoedge.sources.watch import Watch, WatchRules


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.ns = 1_000_000_000

    def __call__(self) -> int:
        return self.ns

    def pass_ms(self, ms: float) -> None:
        self.ns += round(ms * 1e6)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def watch(device: Device, clock: Hand) -> Iterator[Watch]:
    watch = Watch(device, clock_ns=clock)
    yield watch
    watch.close()


def level(picture: Picture | None) -> int | None:
    return None if picture is None else int(picture.pixels.flat[0])


def test_pictures_come_as_they_are_read(watch: Watch, device: Device) -> None:
    for number in (1, 2, 3):
        device.say(number)
        assert level(watch.take(PATIENCE_S)) == number
    assert watch.take() is None
    assert watch.status().lost is None


def test_the_newest_picture_wins_and_the_others_are_counted(watch: Watch, device: Device) -> None:
    device.say(1, 2, 3, 4)
    until(lambda: watch.status().pictures == 4)
    assert level(watch.take()) == 4
    assert watch.status().missed == 3


@pytest.mark.req("R39")
def test_a_blocked_read_is_a_lost_source_within_a_second(
    watch: Watch, device: Device, clock: Hand
) -> None:
    device.say(1)
    watch.take(PATIENCE_S)
    device.say("hang")
    clock.pass_ms(799)
    assert watch.status().lost is None
    clock.pass_ms(2)
    assert watch.status().lost is Reason.SOURCE_LOST


def test_whoever_waits_for_a_picture_learns_of_a_loss_at_once(
    watch: Watch, device: Device, clock: Hand
) -> None:
    device.say(1)
    watch.take(PATIENCE_S)
    device.say(OSError("unplugged"))
    begun = time.monotonic()
    assert watch.take(PATIENCE_S) is None
    assert watch.status().lost is Reason.SOURCE_LOST
    assert time.monotonic() - begun < PATIENCE_S


@pytest.mark.req("R39")
def test_a_device_that_gives_its_last_picture_for_ever_is_lost(
    watch: Watch, device: Device, clock: Hand
) -> None:
    device.say("again")
    assert level(watch.take(PATIENCE_S)) == 200
    clock.pass_ms(801)
    assert watch.status().lost is Reason.SOURCE_LOST
    assert watch.status().pictures == 1


def test_a_still_picture_with_stamps_that_move_is_a_living_device(
    watch: Watch, device: Device, clock: Hand
) -> None:
    device.stamps = True
    device.say("again")
    for _ in range(10):
        seen = watch.status().pictures
        clock.pass_ms(200)
        until(lambda seen=seen: watch.status().pictures > seen + 3)  # type: ignore[misc]
    assert watch.status().lost is None


def test_a_read_that_raises_is_said_and_lost_at_once(watch: Watch, device: Device) -> None:
    device.say(1)
    watch.take(PATIENCE_S)
    device.say(OSError("unplugged"))
    until(lambda: watch.status().lost is Reason.SOURCE_LOST)
    assert watch.status().detail == "OSError: unplugged"


def test_why_a_device_failed_holds_while_the_next_try_says_nothing(
    watch: Watch, device: Device, clock: Hand
) -> None:
    device.say(OSError("unplugged"))
    until(lambda: watch.status().lost is Reason.SOURCE_LOST)
    clock.pass_ms(801)
    watch.status()
    until(lambda: device.opened == 2)
    assert watch.status().detail == "OSError: unplugged"
    device.say(5)
    assert level(watch.take(PATIENCE_S)) == 5
    assert watch.status().detail == ""


def test_a_lost_device_is_tried_again_and_comes_back(
    watch: Watch, device: Device, clock: Hand
) -> None:
    device.say(1)
    watch.take(PATIENCE_S)
    device.say("hang")
    until(lambda: device.hanging == 1)
    clock.pass_ms(801)
    watch.status()
    clock.pass_ms(249)
    watch.status()
    assert device.opened == 1
    clock.pass_ms(2)
    watch.status()
    until(lambda: device.opened == 2)
    device.say(5)
    assert level(watch.take(PATIENCE_S)) == 5
    assert watch.status().lost is None
    assert watch.status().reconnects == 1


def test_pauses_between_tries_double_up_to_the_longest(device: Device, clock: Hand) -> None:
    device.refuses = SourceError("it is gone")
    watch = Watch(device, rules=WatchRules(longest_pause_ms=900), clock_ns=clock)
    for pause in (250, 500, 900, 900):
        until(lambda: watch._reader is None or watch._reader.failed is not None)
        watch.status()
        assert watch._reader is None
        clock.pass_ms(pause - 1)
        watch.status()
        assert watch._reader is None, f"tried again before {pause} ms"
        clock.pass_ms(1)
        watch.status()
        assert watch._reader is not None
    assert watch.status().lost is Reason.SOURCE_LOST
    assert watch.status().detail == "it is gone"
    watch.close()


def test_hanging_readers_are_not_piled_up_without_end(device: Device, clock: Hand) -> None:
    rules = WatchRules(readers=2, open_ms=1000)
    watch = Watch(device, rules=rules, clock_ns=clock)
    device.say("hang", "hang", "hang", "hang")
    for _ in range(40):
        clock.pass_ms(1001)
        watch.status()
    until(lambda: device.opened == 2)
    device.unhang.set()
    watch.close()


@pytest.mark.req("R39")
def test_a_picture_of_a_reader_left_behind_is_not_shown(
    watch: Watch, device: Device, clock: Hand
) -> None:
    device.say(1)
    watch.take(PATIENCE_S)
    device.say("hang")
    until(lambda: device.hanging == 1)
    clock.pass_ms(801)
    watch.status()
    device.unhang.set()
    device.say(9)
    until(lambda: device.closed == 1)
    assert watch.take() is None
    assert watch.status().lost is Reason.SOURCE_LOST


def test_size_and_format_may_change_in_mid_stream(watch: Watch, device: Device) -> None:
    device.say(1)
    assert watch.take(PATIENCE_S) is not None
    device.shape = (80, 60, 3)
    device.say(1)
    picture = watch.take(PATIENCE_S)
    assert picture is not None
    assert picture.pixels.shape == (80, 60, 3)
    device.dtype = np.uint16
    device.say(1)
    assert watch.take(PATIENCE_S) is not None
    assert watch.status().changes == 2
    assert watch.status().lost is None


def test_closing_does_not_wait_for_a_hanging_device(device: Device) -> None:
    watch = Watch(device)
    device.say("hang")
    until(lambda: device.hanging == 1)
    closer = threading.Thread(target=watch.close)
    closer.start()
    closer.join(PATIENCE_S / 2)
    assert not closer.is_alive()
    assert device.closed == 0  # nobody else may touch a device that is being read
    watch.close()
    assert watch.take(0.0) is None


def test_closing_lets_go_of_the_device(device: Device) -> None:
    watch = Watch(device)
    device.say(1)
    assert watch.take(PATIENCE_S) is not None
    watch.close()
    device.say(2)
    until(lambda: device.closed == 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lost_after_ms": 0.0},
        {"lost_after_ms": 9000.0},
        {"pause_ms": 0.0},
        {"pause_ms": 9000.0},
        {"readers": 0},
    ],
)
def test_rules_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings, match=next(iter(wrong))):
        WatchRules(**wrong)
