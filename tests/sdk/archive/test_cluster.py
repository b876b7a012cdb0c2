"""A cluster of real processes: whatever is killed, each item has its part, of the same bytes."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="needs the extra archive")
pytest.importorskip("psutil", reason="needs the extra archive")

import psutil

from archive_samples import HOSPITAL, parts_of, request, write_hospital
from local_cluster import LocalCluster, local_cluster, write_certificates
from sonoedge.archive.run import screen
from sonoedge.errors import InvalidSettings, ScreeningStopped


@pytest.fixture(scope="module")
def big_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Items of every kind, a poison one among them."""
    return write_hospital(tmp_path_factory.mktemp("big") / "archive")


@pytest.fixture(scope="module")
def alone(big_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The parts that one process makes of it, one after the other."""
    out = tmp_path_factory.mktemp("alone") / "out"
    screen(request(big_archive, out))
    return parts_of(out)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    (tmp_path / "cluster").mkdir()
    with local_cluster(tmp_path / "cluster") as running:
        yield running


def wait_for(what: object, seconds: float = 60.0) -> None:
    end_s = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < end_s
        time.sleep(0.02)


def done(out: Path, count: int) -> bool:
    return len([name for name in parts_of(out) if ".tmp-" not in name]) >= count


@pytest.mark.req("R73")
def test_a_worker_a_nanny_and_items_processes_are_killed_and_nothing_is_lost(
    big_archive: Path, alone: dict[str, bytes], cluster: LocalCluster, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    killed: list[str] = []

    def kill() -> None:
        wait_for(lambda: done(out, 3))
        os.kill(cluster.item_pids()[0], signal.SIGKILL)
        killed.append("item")
        wait_for(lambda: done(out, 6))
        pid = cluster.worker_pid(0)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        killed.append("worker")
        wait_for(lambda: done(out, 12))
        cluster.nannies[1].kill()
        killed.append("nanny")

    thread = threading.Thread(target=kill)
    thread.start()
    screened = screen(request(big_archive, out, scheduler=cluster.address))
    thread.join()
    assert killed == ["item", "worker", "nanny"]
    assert screened.status["outcomes"] == HOSPITAL
    found = {name: data for name, data in parts_of(out).items() if ".tmp-" not in name}
    assert found == alone


def test_a_scheduler_that_is_killed_stops_it_and_another_one_ends_it(
    big_archive: Path, alone: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sonoedge.archive import cluster as module

    monkeypatch.setattr(module, "_LOST_S", 3.0)
    out = tmp_path / "out"
    (tmp_path / "first").mkdir()
    with local_cluster(tmp_path / "first") as first:

        def kill() -> None:
            wait_for(lambda: done(out, 4))
            first.scheduler.kill()

        thread = threading.Thread(target=kill)
        thread.start()
        with pytest.raises(ScreeningStopped, match="scheduler or its last worker is gone"):
            screen(request(big_archive, out, scheduler=first.address))
        thread.join()
    assert 4 <= len(parts_of(out)) < len(alone) + 2
    (tmp_path / "second").mkdir()
    with local_cluster(tmp_path / "second") as second:
        screened = screen(request(big_archive, out, scheduler=second.address))
    assert screened.status["kept"] >= 4
    found = {name: data for name, data in parts_of(out).items() if ".tmp-" not in name}
    assert found == alone


def test_a_worker_with_another_version_is_refused_by_name_before_the_first_item(
    big_archive: Path, tmp_path: Path
) -> None:
    """Another numpy: its metadata alone, which is what a version is read from."""
    fake = tmp_path / "fake"
    metadata = fake / "numpy-1.0.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.0.0\n")
    path = os.pathsep.join([str(fake), *(p for p in sys.path if p)])
    (tmp_path / "cluster").mkdir()
    other = {"PYTHONPATH": path}
    with (
        local_cluster(tmp_path / "cluster", workers=1, environment=other) as running,
        pytest.raises(
            ScreeningStopped, match=r"worker tcp://127\.0\.0\.1:\d+ has numpy 1\.0\.0 in place of"
        ),
    ):
        screen(request(big_archive, tmp_path / "out", scheduler=running.address))
    assert parts_of(tmp_path / "out") == {}


def test_over_tls_strangers_are_refused_and_members_work(archive: Path, tmp_path: Path) -> None:
    ours = write_certificates(tmp_path / "ours")
    theirs = write_certificates(tmp_path / "theirs")
    (tmp_path / "cluster").mkdir()
    with local_cluster(tmp_path / "cluster", workers=1, tls=ours) as running:
        asked = request(archive, tmp_path / "out", glob="clip.avi", scheduler=running.address)
        for stranger in (
            {"tls": theirs},  # another authority
            {"scheduler": running.address.replace("tls://", "tcp://"), "tls": None},
        ):
            changed = request(
                archive,
                tmp_path / "out",
                glob="clip.avi",
                **{"scheduler": running.address, **stranger},  # type: ignore[arg-type]
            )
            with pytest.raises(ScreeningStopped, match="no scheduler answers"):
                screen(changed)
        with pytest.raises(InvalidSettings, match="needs --tls DIR"):
            screen(asked)  # tls:// without certificates
        member = request(
            archive, tmp_path / "out", glob="clip.avi", scheduler=running.address, tls=ours
        )
        assert screen(member).status["outcomes"] == {"DONE": 1}


@pytest.mark.parametrize(
    "address",
    ["tcp://10.0.0.1:8786", "10.0.0.1:8786", "127.0.0.1:8786", "inproc://x", "tcp://[::]:1"],
)
def test_a_scheduler_beyond_this_machine_is_not_called_without_tls(
    archive: Path, tmp_path: Path, address: str
) -> None:
    with pytest.raises(InvalidSettings, match="beyond this machine"):
        screen(request(archive, tmp_path / "out", scheduler=address))


def test_certificates_that_are_not_there_are_named(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match=r"ca\.pem is not there"):
        screen(request(archive, tmp_path, scheduler="tls://127.0.0.1:1", tls=tmp_path))


def test_where_nobody_answers_it_stops(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sonoedge.archive import cluster as module

    monkeypatch.setattr(module, "_CONNECT_S", 2.0)
    with pytest.raises(ScreeningStopped, match="no scheduler answers at tcp://127"):
        screen(request(archive, tmp_path / "out", scheduler="tcp://127.0.0.1:9"))


def test_no_process_is_left(big_archive: Path, cluster: LocalCluster, tmp_path: Path) -> None:
    screen(request(big_archive, tmp_path / "out", glob="clip0[0-4].avi", scheduler=cluster.address))
    items = cluster.item_pids()
    assert items
    for nanny in cluster.nannies:
        nanny.terminate()
    for nanny in cluster.nannies:
        nanny.wait(30)
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in items), 20)
