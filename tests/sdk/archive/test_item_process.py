"""What kills or holds an item's process costs that item at most."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive_samples import job, write_many
from sonoedge.archive.item_process import ItemProcess
from sonoedge.archive.items import Item
from sonoedge.archive.outcome import ItemOutcome
from sonoedge.archive.parts import Parts, begin
from sonoedge.errors import BundleNotFound, ScreeningStopped


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_many(tmp_path_factory.mktemp("many") / "archive", 2)


@pytest.fixture
def process(archive: Path, tmp_path: Path) -> Iterator[ItemProcess]:
    with ItemProcess(job(archive, tmp_path / "out", limit_s=60), None, worker="w") as made:
        begin(tmp_path / "out", made.ready())
        yield made


def end_of(out: Path, item: Item) -> dict[str, object]:
    text = Parts(out, "").path(item.id).read_text()
    values: dict[str, object] = json.loads(text.splitlines()[-1])
    return values


def kill_soon(process: ItemProcess) -> None:
    """Stop the process, and kill it when it has been given work."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (process.pid, signal.SIGKILL)).start()


ITEM, OTHER = Item(path="0000.dcm"), Item(path="0001.dcm")


def test_an_item_whose_process_is_killed_once_is_done_by_the_next(
    process: ItemProcess, tmp_path: Path
) -> None:
    kill_soon(process)
    done = process.screen(ITEM)
    assert (done.outcome, done.tries, done.worker) == (ItemOutcome.DONE, 2, "w")
    assert end_of(tmp_path / "out", ITEM)["outcome"] == "DONE"


def test_an_item_whose_process_dies_twice_is_recorded_and_the_next_one_is_done(
    process: ItemProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ItemProcess.ready

    def ready(process: ItemProcess) -> object:
        identity = real(process)
        kill_soon(process)
        return identity

    monkeypatch.setattr(ItemProcess, "ready", ready)
    kill_soon(process)
    done = process.screen(ITEM)
    monkeypatch.undo()
    assert (done.outcome, done.tries) == (ItemOutcome.CRASHED, 2)
    end = end_of(tmp_path / "out", ITEM)
    assert (end["outcome"], end["frames"]) == ("CRASHED", 0)
    assert "SIGKILL" in str(end["detail"])
    assert process.screen(OTHER).outcome is ItemOutcome.DONE


def test_an_item_that_hangs_is_given_up_after_its_limit(archive: Path, tmp_path: Path) -> None:
    with ItemProcess(job(archive, tmp_path / "out", limit_s=1), None) as process:
        begin(tmp_path / "out", process.ready())
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
        done = process.screen(ITEM)
    assert (done.outcome, done.tries) == (ItemOutcome.TIMEOUT, 1)
    assert end_of(tmp_path / "out", ITEM)["detail"] == "it took longer than 1 s"


def test_an_item_that_cannot_be_read_again_keeps_the_part_that_it_has(
    archive: Path, tmp_path: Path
) -> None:
    with ItemProcess(job(archive, tmp_path / "out", limit_s=30), None) as process:
        begin(tmp_path / "out", process.ready())
        assert process.screen(ITEM).outcome is ItemOutcome.DONE
    part = Parts(tmp_path / "out", "").path(ITEM.id)
    before = part.read_bytes()
    with ItemProcess(job(archive, tmp_path / "out", limit_s=1), None) as process:
        process.ready()
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)  # as a share that does not answer
        with pytest.raises(ScreeningStopped, match="its part stays"):
            process.screen(ITEM)
    assert part.read_bytes() == before


def test_a_process_that_is_not_what_is_expected_is_refused(archive: Path, tmp_path: Path) -> None:
    with (
        ItemProcess(job(archive, tmp_path), {"versions": {"numpy": "1.0"}}) as process,
        pytest.raises(ScreeningStopped, match=r"numpy .* in place of 1\.0"),
    ):
        process.ready()


def test_a_bundle_that_is_not_there_is_its_own_error(archive: Path, tmp_path: Path) -> None:
    with (
        ItemProcess(job(archive, tmp_path, bundle=str(tmp_path / "none")), None) as process,
        pytest.raises(BundleNotFound),
    ):
        process.ready()


def test_a_part_that_cannot_be_written_stops_and_is_no_result(
    process: ItemProcess, tmp_path: Path
) -> None:
    (tmp_path / "out" / "parts" / ITEM.id[:2]).write_text("in the way")
    with pytest.raises(ScreeningStopped, match="a part cannot be written"):
        process.screen(ITEM)


def test_a_process_that_is_stopped_records_nothing(process: ItemProcess, tmp_path: Path) -> None:
    process.stop()
    with pytest.raises(ScreeningStopped, match="asked to stop"):
        process.screen(ITEM)
    assert not any((tmp_path / "out" / "parts").rglob("*.jsonl"))


def test_the_process_ends_with_its_host(archive: Path, tmp_path: Path) -> None:
    process = ItemProcess(job(archive, tmp_path), None)
    process.ready()
    pid = process.pid
    assert pid is not None
    process.close()
    process.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
