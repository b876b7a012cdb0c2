from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from sonoedge.terminal.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def clock(*times_ns: int) -> Callable[[], int]:
    readings = iter(times_ns)
    return lambda: next(readings)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def shown(terminal: Terminal) -> list[str]:
    return terminal.getvalue().split("\r\x1b[K")[1:]


def test_nothing_is_written_where_nobody_looks() -> None:
    file = io.StringIO()
    progress = Progress(10, file)
    progress.show(10, "flagged 1")
    progress.clear()
    assert file.getvalue() == ""


def test_a_known_total_is_a_bar_with_the_rate_and_a_note() -> None:
    terminal = Terminal()
    Progress(10, terminal, clock(0, 2_000_000_000)).show(5, "flagged 1")
    assert shown(terminal) == ["[############............] 5/10    2.5/s flagged 1"]


def test_an_unknown_total_is_a_count() -> None:
    terminal = Terminal()
    Progress(None, terminal, clock(0, 2_000_000_000)).show(5, "flagged 1")
    assert shown(terminal) == ["5    2.5/s flagged 1"]


def test_more_steps_than_were_promised_do_not_break_the_bar() -> None:
    terminal = Terminal()
    Progress(4, terminal, clock(0, 1_000_000_000)).show(5)
    assert shown(terminal) == ["[########################] 5/4    5.0/s "]


def test_the_line_is_written_ten_times_a_second_and_for_the_last_step() -> None:
    terminal = Terminal()
    ms = 1_000_000
    progress = Progress(9, terminal, clock(0, 1 * ms, 50 * ms, 102 * ms, 103 * ms))
    for done in (1, 2, 3, 9):
        progress.show(done)
    assert [text.split("]")[1].split()[0] for text in shown(terminal)] == ["1/9", "3/9", "9/9"]


def test_a_narrow_terminal_gets_one_line_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    terminal = Terminal()
    Progress(10, terminal, clock(0, 1_000_000_000)).show(5, "flagged 1")
    assert shown(terminal) == ["[############......"]


def test_clearing_leaves_an_empty_line() -> None:
    terminal = Terminal()
    progress = Progress(10, terminal, clock(0, 1_000_000_000))
    progress.show(5)
    progress.clear()
    assert terminal.getvalue().endswith("\r\x1b[K")
