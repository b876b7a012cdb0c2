"""What systemd is told, over real datagram sockets."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scripted_engines import origin_of
from sonoedge.service.notify import SystemdNotices, notify
from sonoedge.session import Counters, State, Status

S = 1_000_000_000
READY = Status(
    state=State.READY,
    reasons=(),
    valid_until_ns=100 * S + S // 5,
    at_ns=100 * S,
    counters=Counters(submitted=0, analysed=0, not_analysed={}, superseded=0, in_flight=0),
    deaths=0,
    callback_errors=0,
    origin=origin_of("bundle"),
    choice="",
    beat_ns=100 * S,
    answered_ns=99 * S,
)
LOADING = replace(
    READY, state=State.STARTING, reasons=("ENGINE_LOADING",), origin=None, answered_ns=None
)


@pytest.fixture(params=["path", "abstract"])
def systemd(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[socket.socket]:
    """The socket that systemd would read from."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@sonoedge-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind("\0" + name[1:] if name[0] == "@" else name)
        made.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield made


def told(systemd: socket.socket) -> list[str]:
    """All that has come, line by line."""
    lines = []
    while True:
        try:
            lines += systemd.recv(4096).decode().split("\n")
        except BlockingIOError:
            return lines


def test_systemd_hears_what_is_told(systemd: socket.socket) -> None:
    assert notify("READY=1", "STATUS=on the way")
    assert told(systemd) == ["READY=1", "STATUS=on the way"]


@pytest.mark.parametrize("path", [None, "", "relative", "/nowhere/at/all", "@nobody-listens"])
def test_without_systemd_nothing_happens(path: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if path is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", path)
    assert notify("READY=1") is False


def test_a_full_queue_holds_nothing_up_and_what_was_lost_is_told_later(
    systemd: socket.socket,
) -> None:
    for _ in range(10_000):  # net.unix.max_dgram_qlen is small, the buffer is not: either fills
        if not notify("EXTEND_TIMEOUT_USEC=1"):
            break
    else:
        pytest.fail("the queue has no end")
    notices = SystemdNotices()
    notices.observe(READY)
    assert "READY=1" not in told(systemd)
    notices.observe(READY)
    assert told(systemd) == ["READY=1", "STATUS=READY", "WATCHDOG=1"]


def test_ready_is_told_once_after_the_golden_frames_and_the_state_when_it_changes(
    systemd: socket.socket,
) -> None:
    notices = SystemdNotices()
    notices.observe(LOADING)
    assert told(systemd) == ["STATUS=STARTING ENGINE_LOADING"]
    notices.observe(LOADING)
    assert told(systemd) == []
    notices.observe(READY)
    assert told(systemd) == ["READY=1", "STATUS=READY", "WATCHDOG=1"]
    notices.observe(READY)
    assert told(systemd) == ["WATCHDOG=1"]
    notices.observe(replace(READY, state=State.DEGRADED, reasons=("ENGINE_HUNG", "LOG_STORAGE")))
    assert told(systemd) == ["STATUS=DEGRADED ENGINE_HUNG LOG_STORAGE", "WATCHDOG=1"]
    notices.stopping()
    assert told(systemd) == ["STOPPING=1", "STATUS=CLOSED"]


@pytest.mark.req("R51")
@pytest.mark.parametrize(
    ("status", "alive"),
    [
        (READY, True),
        (replace(READY, answered_ns=80 * S + 1), True),
        (replace(READY, answered_ns=80 * S), False),  # 2 x golden_idle_s
        (replace(READY, answered_ns=None), False),
        (replace(READY, beat_ns=99 * S), False),  # the session's thread stands still
        (replace(READY, state=State.PAUSED, answered_ns=1 * S), True),
        (replace(READY, state=State.PAUSED, answered_ns=1 * S, beat_ns=99 * S), False),
        (replace(READY, state=State.UNAVAILABLE), True),  # for as long as a restart may take
        (replace(READY, state=State.FAULT, answered_ns=1 * S), False),
        (LOADING, False),
    ],
)
def test_the_watchdog_is_fed_by_a_live_thread_and_a_fresh_answer_alone(
    status: Status, alive: bool
) -> None:
    lines: list[str] = []
    notices = SystemdNotices(tell=lambda *more: bool(lines.extend(more)))
    notices.observe(status)
    assert ("WATCHDOG=1" in lines) is alive
