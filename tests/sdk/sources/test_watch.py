"""sources/watch.py, through devices that misbehave on order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
import pytest

from sonoedge.analysis import Reason
from sonoedge.errors import InvalidSettings, SourceError
from sonoedge.sources import live, open_source
from sonoedge.sources.picture import Contents, Picture
from sonoedge.sources.source import Source
from sonoedge.sources.watch import Watch, WatchRules, watched

PATIENCE_S = 20.0  # only a failing test waits so long


class Device:
    """A device whose every reading is told by the test, from its own thread.

    `say` hands the reader one thing: a picture's number, "again" (the same picture for
    ever, at once), "hang", or an exception to raise.
    """

    def __init__(self) -> None:
        self.opened = self.closed = self.hanging = 0
        self.refuses: Exception | None = None
        self.stamps = False
        self.shape: tuple[int, ...] = (40, 60)
        self.dtype: Any = np.uint8
        self.unhang = threading.Event()
        self._said: list[Any] = []
        self._ready = threading.Condition()
        self._count = 0

    def say(self, *things: Any) -> None:
        with self._ready:
            self._said.extend(things)
            self._ready.notify_all()

    def __call__(self) -> Contents:
        if self.refuses is not None:
            raise self.refuses
        self.opened += 1
        return Contents(
            name="/dev/video7", pictures=self.pictures, count=None, times="live", close=self.close
        )

    def close(self) -> None:
        self.closed += 1

    def pictures(self) -> Generator[Picture, None, None]:
        while True:
            with self._ready:
                if not self._ready.wait_for(lambda: bool(self._said), PATIENCE_S):
                    return
                thing = self._said[0] if self._said[0] == "again" else self._said.pop(0)
            if isinstance(thing, Exception):
                raise thing
            if thing == "hang":
                self.hanging += 1
                self.unhang.wait(PATIENCE_S)
                continue
            level = 200 if thing == "again" else int(thing)
            pixels = np.full(self.shape, level, dtype=self.dtype)
            self._count += 1
            yield Picture(pixels=pixels, captured_ns=self._count, stamped=self.stamps)


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.ns = 1_000_000_000

    def __call__(self) -> int:
        return self.ns

    def pass_ms(self, ms: float) -> None:
        self.ns += round(ms * 1e6)


@pytest.fixture
def device() -> Iterator[Device]:
    device = Device()
    yield device
    device.unhang.set()
    device.say(*[SourceError("the test is over")] * 10)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def watch(device: Device, clock: Hand) -> Iterator[Watch]:
    watch = Watch(device, clock_ns=clock)
    yield watch
    watch.close()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.002)


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


def test_a_watched_source_ends_with_an_error_when_its_device_hangs(device: Device) -> None:
    contents = watched(device, rules=WatchRules(lost_after_ms=30, open_ms=PATIENCE_S * 1000))
    with Source(contents) as source:
        frames = iter(source)
        device.say(1)
        assert next(frames).pixels[0, 0] == 1
        device.say("hang")
        with pytest.raises(SourceError, match="/dev/video7 gives no new frame; is it still"):
            next(frames)


def test_a_watched_source_says_why_its_device_failed(device: Device) -> None:
    with Source(watched(device)) as source:
        device.say(SourceError("/dev/video7 gives no more frames; is it still plugged in?"))
        with pytest.raises(SourceError, match="gives no more frames"):
            next(iter(source))
    until(lambda: device.closed == 1)


def test_a_watched_source_that_is_not_read_lets_go_of_its_device(device: Device) -> None:
    Source(watched(device)).close()
    assert (device.opened, device.closed) == (1, 1)


def test_a_watched_device_that_cannot_be_opened_is_refused_at_once(device: Device) -> None:
    device.refuses = SourceError("/dev/video7 cannot be opened")
    with pytest.raises(SourceError, match="cannot be opened"):
        watched(device)


def test_cameras_are_watched(monkeypatch: pytest.MonkeyPatch, device: Device) -> None:
    monkeypatch.setattr(live, "camera", lambda index: device())
    with open_source("/dev/video7") as source:
        device.say(3)
        assert next(iter(source)).pixels[0, 0] == 3


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
