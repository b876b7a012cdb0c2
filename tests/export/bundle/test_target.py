from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings, OutputError
from sonoedge_export.bundle.target import check_target, disk_errors


def bundle(folder: Path) -> Path:
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    return folder


def test_a_place_where_nothing_is_can_be_written_to(tmp_path: Path) -> None:
    check_target(tmp_path / "new" / "bundle", replace=False)
    assert not (tmp_path / "new").exists()


def test_a_bundle_is_replaced_only_on_request(tmp_path: Path) -> None:
    target = bundle(tmp_path / "a")
    with pytest.raises(InvalidSettings, match="already holds a bundle; give --force"):
        check_target(target, replace=False)
    check_target(target, replace=True)


@pytest.mark.parametrize("replace", [False, True])
def test_anything_else_is_never_replaced(tmp_path: Path, replace: bool) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder").mkdir()
    for name in ("file", "link", "folder"):
        with pytest.raises(InvalidSettings, match="is no bundle"):
            check_target(tmp_path / name, replace=replace)


def test_a_folder_that_cannot_be_written_to_is_named_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is no folder to write to"):
        check_target(tmp_path / "file" / "bundle", replace=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named_before_the_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(OutputError, match="is no folder to write to"):
        check_target(tmp_path / "bundle", replace=False)


def test_a_full_disk_is_an_error_of_ours(tmp_path: Path) -> None:
    why = "No space left on device; nothing was left there"
    with pytest.raises(OutputError, match=why), disk_errors(tmp_path / "a"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
