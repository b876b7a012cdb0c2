from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="needs the extra parquet")

from pyarrow import parquet

from sonoedge.archive.items import Item
from sonoedge.errors import InvalidData


def test_the_table_holds_each_frame_and_null_where_nothing_is_known(
    screened: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sonoedge.archive import parquet as module

    monkeypatch.setattr(module, "_ROWS", 7)
    out = Path(shutil.copytree(screened, tmp_path / "out"))
    rows = parquet.read_table(module.write_parquet(out)).to_pylist()
    assert len(rows) == 42
    clip = [row for row in rows if row["item"] == Item(path="clip.avi").id]
    assert [row["frame"] for row in clip] == list(range(20))
    assert clip[1]["recorded_ns"] == 40_000_000
    nothing = [row for row in rows if row["item"] == Item(path="more/speckle.dcm").id]
    assert {(row["regions"], row["suspicion"]) for row in nothing} == {(0, None)}


def test_a_folder_without_parts_is_refused(tmp_path: Path) -> None:
    from sonoedge.archive.parquet import write_parquet

    with pytest.raises(InvalidData):
        write_parquet(tmp_path)


def test_a_part_that_is_damaged_is_named_and_leaves_no_table(
    screened: Path, tmp_path: Path
) -> None:
    from sonoedge.archive.parquet import write_parquet

    out = Path(shutil.copytree(screened, tmp_path / "out"))
    item = Item(path="clip.avi").id
    part = out / "parts" / item[:2] / f"{item}.jsonl"
    lines = part.read_text().splitlines(keepends=True)
    part.write_text("".join([lines[0], lines[1][:40] + "\n", *lines[2:]]))
    with pytest.raises(InvalidData, match=f"{item}.jsonl is damaged"):
        write_parquet(out)
    assert not list(out.glob("*frames.parquet"))
