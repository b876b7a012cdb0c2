"""Live devices as sources: that they end, and say why."""

from __future__ import annotations

import pytest

from false_device import PATIENCE_S, Device, until
from sonoedge.errors import SourceError
from sonoedge.sources import live, open_source
from sonoedge.sources.source import Source
from sonoedge.sources.watch import WatchRules
from sonoedge.sources.watched import watched


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
