from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings, StoreError
from sonoedge.store import layout
from sonoedge.store.layout import file_system, make_layout, open_layout


def test_a_store_is_made_once_and_opened_again(root: Path) -> None:
    made = make_layout(root)
    assert make_layout(root) == open_layout(root) == made
    assert sorted(p.name for p in root.iterdir()) == ["bundles", "incoming", "provision"]


def test_where_none_is_there_is_nothing_to_open(root: Path) -> None:
    with pytest.raises(StoreError, match="no store at"):
        open_layout(root)
    assert not root.exists()


def test_a_file_in_the_place_of_the_store_is_no_store(root: Path) -> None:
    root.write_text("")
    with pytest.raises(StoreError, match="no store can be made"):
        make_layout(root)


@pytest.mark.parametrize("number", [0x4D44, 0x6969, 0xFF534D42])
def test_file_systems_without_renames_or_locks_are_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    make_layout(root)
    monkeypatch.setattr(layout, "file_system", lambda folder: number)
    for opened in (make_layout, open_layout):
        with pytest.raises(StoreError, match=f"cannot lie on {layout.REFUSED[number]}"):
            opened(root)


def test_the_kernel_is_asked_for_the_file_system() -> None:
    assert file_system(Path("/proc")) == 0x9FA0  # PROC_SUPER_MAGIC of linux/magic.h
    with pytest.raises(StoreError, match="No such file"):
        file_system(Path("/proc/none"))


def test_a_store_is_given_by_its_path_in_each_form(root: Path) -> None:
    made = make_layout(str(root))
    assert open_layout(f"store:{root}") == open_layout(Path(f"store:{root}")) == made
    for wrong in (5, None, b"/tmp", "/tmp/a\0b"):
        for opened in (make_layout, open_layout):
            with pytest.raises(InvalidSettings):
                opened(wrong)  # type: ignore[arg-type]


def test_only_digests_count_as_bundles(root: Path) -> None:
    made = make_layout(root)
    for name in ("a" * 64, "b" * 63, "A" * 64, ".x"):
        made.bundle(name).mkdir()
    assert made.installed() == ("a" * 64,)
