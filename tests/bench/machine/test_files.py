from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sonoedge_bench.machine.files import number, numbered, text

Write = Callable[..., None]


def test_a_file_that_is_absent_empty_or_no_number_says_nothing(
    tmp_path: Path, write: Write
) -> None:
    write("a", "42\n", "b", "", "c", "n/a\n", "d", "0x1F\n", "e", "first\nsecond\n")
    assert [number(tmp_path / n) for n in "abcdz"] == [42, None, None, 31, None]
    assert text(tmp_path / "e") == "first"
    assert text(tmp_path / "b") is None


def test_numbered_entries_come_in_the_order_of_their_numbers(tmp_path: Path, write: Write) -> None:
    write("cpu10/x", "", "cpu2/x", "", "cpufreq/x", "", "cpu0/x", "")
    assert [p.name for p in numbered(tmp_path, "cpu")] == ["cpu0", "cpu2", "cpu10"]
    assert list(numbered(tmp_path / "nowhere", "cpu")) == []
