"""Cores for threads, by this machine's own kernel and by made-up topologies."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from sonoedge.device import cores
from sonoedge.device.cores import (
    CannotPin,
    bound_to,
    load_of_others,
    pinning_cores,
    release,
    thread_cores,
)


def on(monkeypatch: pytest.MonkeyPatch, allowed: set[int]) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda thread: allowed)


def test_each_thread_gets_a_core_of_the_cpuset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, {3, 5, 9})
    assert pinning_cores(2, tmp_path) == (3, 5)
    assert pinning_cores(3, tmp_path) == (3, 5, 9)


def test_two_halves_of_a_physical_core_are_taken_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, {0, 1, 2, 3})
    for core in range(4):
        folder = tmp_path / f"cpu{core}/topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text("0-1\n" if core < 2 else "2-3\n")
    assert pinning_cores(2, tmp_path) == (0, 2)
    assert pinning_cores(4, tmp_path) == (0, 2, 1, 3)


def test_one_thread_and_too_few_cores_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, {7})
    with pytest.raises(CannotPin, match="one thread needs no core of its own"):
        pinning_cores(1)
    with pytest.raises(CannotPin, match=r"2 threads cannot have a core each.*may run on 1"):
        pinning_cores(2)


def test_a_bound_thread_is_seen_and_released_but_never_one_of_pythons() -> None:
    everywhere = frozenset(os.sched_getaffinity(0))
    core = min(everywhere)
    begun, done = threading.Event(), threading.Event()
    ids: list[int] = []

    def bound() -> None:
        ids.append(threading.get_native_id())
        os.sched_setaffinity(0, {core})
        begun.set()
        done.wait()

    thread = threading.Thread(target=bound)
    thread.start()
    begun.wait()
    try:
        assert thread_cores()[ids[0]] == {core}
        assert bound_to((core,), frozenset(ids))
        assert not bound_to((core,), frozenset(), within_s=0.0)
        release(frozenset(ids), everywhere)
        assert thread_cores()[ids[0]] == {core}  # a host's own
    finally:
        done.set()
        thread.join()


def test_other_work_is_seen_where_it_leaves_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores.os, "cpu_count", lambda: 4)
    file = tmp_path / "loadavg"
    file.write_text("1.20 0.00 0.00 1/80 4\n")
    assert load_of_others(4, file) == 1.2
    assert load_of_others(2, file) is None
    assert load_of_others(4, tmp_path / "none") is None
