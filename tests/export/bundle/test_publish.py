from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings, OutputError
from sonoedge_export.bundle import publish as module
from sonoedge_export.bundle.publish import check_target, publish, write

FILES = {"manifest.json": b"{}", "golden/a": b"1", "golden/deep/b": b"2", "graphs/c": b"3"}


def make(target: Path, files: dict[str, bytes]) -> None:
    with publish(target) as draft:
        for path, data in files.items():
            write(draft, path, data)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


NEW = {path: data + b"new" for path, data in FILES.items()} | {"one/more": b""}


def test_a_bundle_is_put_in_place_and_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "b"
    make(target, FILES)
    assert contents(target) == FILES
    make(target, NEW)
    assert contents(target) == NEW
    assert [p.name for p in target.parent.iterdir()] == ["b"]


def test_an_error_within_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "b"
    for before in ({}, FILES):
        with pytest.raises(TypeError):
            make(target, {"manifest.json": b"new", "a": None})  # type: ignore[dict-item]
        assert contents(tmp_path) == {f"b/{k}": v for k, v in before.items()}
        make(target, FILES)


def test_what_is_no_bundle_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis").touch()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("folder")
    for name, message in {
        "folder": "is no bundle",
        "file": "is no bundle",
        "link": "a link",
    }.items():
        for use in (lambda t: check_target(t, replace=True), lambda t: make(t, FILES)):
            with pytest.raises(InvalidSettings, match=message):
                use(tmp_path / name)
    assert contents(tmp_path) == {"folder/thesis": b"", "file": b""}


def test_a_bundle_is_replaced_only_on_request(tmp_path: Path) -> None:
    make(tmp_path / "b", FILES)
    with pytest.raises(InvalidSettings, match="already holds a bundle; give --force"):
        check_target(tmp_path / "b", replace=False)
    check_target(tmp_path / "b", replace=True)


def test_a_bundle_that_another_export_put_there_meanwhile_is_not_lost(tmp_path: Path) -> None:
    target = tmp_path / "b"
    with publish(target) as draft:
        write(draft, "manifest.json", b"slow")
        make(target, FILES)
    assert contents(target) == {"manifest.json": b"slow"}
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize("step", ["sync_folder", "exchange", "write_durably"])
def test_a_disk_that_is_full_is_an_output_error_and_the_old_bundle_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    target = tmp_path / "b"
    make(target, FILES)
    check_target(target, replace=True)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module, step, full)
    with pytest.raises(OutputError, match=r"nothing was written to .*: No space left on device"):
        make(target, NEW)
    assert contents(tmp_path) == {f"b/{k}": v for k, v in FILES.items()}


def test_a_file_system_that_cannot_exchange_is_told_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "b", FILES)

    def unable(*_: object) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(module, "exchange", unable)
    check_target(tmp_path / "new", replace=False)
    with pytest.raises(OutputError, match="cannot replace a folder in one step; remove the bundle"):
        check_target(tmp_path / "b", replace=True)


def _killed(work: Callable[[], None], call: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Do the work in a child that is killed at its n-th step; whether it came that far."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads that other tests left
        child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    count = 0
    for name in ("write_durably", "sync_folder", "exchange", "rename_new"):
        real = getattr(module, name)

        def step(*args: object, real: Callable[..., object] = real) -> object:
            nonlocal count
            for moment in range(2):  # before the step, and right after it
                count += 1
                if count == call:
                    os._exit(9)
                answer = None if moment else real(*args)
            return answer

        monkeypatch.setattr(module, name, step)
    try:
        work()
    finally:
        os._exit(0)


@pytest.mark.req("R35")
def test_an_export_killed_at_any_step_leaves_the_old_or_the_new_bundle_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "b"
    make(target, FILES)
    seen = set()
    call = 1
    while _killed(lambda: make(target, NEW), call, monkeypatch):
        there = contents(target)
        assert there in (FILES, NEW)
        seen.add(there == NEW)
        make(target, FILES)  # which also removes what the killed one left
        assert [p.name for p in tmp_path.iterdir()] == ["b"]
        call += 1
    assert call > 20
    assert seen == {False, True}


def test_an_export_at_work_is_not_taken_for_a_leftover(tmp_path: Path) -> None:
    with publish(tmp_path / "b") as slow:
        write(slow, "manifest.json", b"slow")
        make(tmp_path / "b", FILES)
        assert (slow / "manifest.json").read_bytes() == b"slow"


@pytest.mark.req("R36")
def test_every_folder_reaches_the_disk_before_the_bundle_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    monkeypatch.setattr(module, "sync_folder", lambda f: order.append(f"sync {f.name}"))
    monkeypatch.setattr(module, "rename_new", lambda a, b: order.append("rename") or a.rename(b))
    make(tmp_path / "b", FILES)
    draft = next(line for line in order if "draft" in line)
    assert set(order[: order.index(draft)]) == {"sync golden", "sync deep", "sync graphs"}
    assert order[order.index(draft) :] == [draft, "rename", f"sync {tmp_path.name}"]
