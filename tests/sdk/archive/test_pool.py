from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive_samples import job, write_many
from sonoedge.archive.item_process import ItemProcess
from sonoedge.archive.items import Item, find_items
from sonoedge.archive.parts import begin
from sonoedge.archive.pool import WINDOW, Pool
from sonoedge.errors import ScreeningStopped


def test_no_more_items_are_asked_for_than_the_window_holds(tmp_path: Path) -> None:
    archive = write_many(tmp_path / "archive", 12, frames=1)
    asked = 0

    def counted() -> Iterator[Item]:
        nonlocal asked
        for item in find_items(archive):
            asked += 1
            yield item

    with ItemProcess(job(archive, tmp_path / "out"), None) as first:
        identity = first.ready()
        begin(tmp_path / "out", identity)
        with Pool(job(archive, tmp_path / "out"), identity, 1, first=first) as pool:
            for number, _ in enumerate(pool.screen(counted()), 1):
                assert asked <= number + WINDOW
    assert asked == number == 12


def test_what_stops_one_process_stops_all_and_is_raised(tmp_path: Path) -> None:
    archive = write_many(tmp_path / "archive", 3, frames=1)
    wrong = {"versions": {"numpy": "1"}}
    with (
        Pool(job(archive, tmp_path / "out"), wrong, 2) as pool,
        pytest.raises(ScreeningStopped, match="numpy"),
    ):
        list(pool.screen(find_items(archive)))
