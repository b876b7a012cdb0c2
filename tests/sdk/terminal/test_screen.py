from __future__ import annotations

import io

import pytest

from sonoedge.terminal.screen import Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Hand:
    def __init__(self) -> None:
        self.ns = 0

    def __call__(self) -> int:
        return self.ns


@pytest.fixture(autouse=True)
def size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("LINES", "4")


def test_a_block_is_drawn_over_the_one_before() -> None:
    clock, terminal = Hand(), Terminal()
    screen = Screen(terminal, clock)
    screen.show([("one", "good"), ("two", "")])
    clock.ns += 100_000_000
    screen.show([("three", "")])
    assert terminal.getvalue() == (
        "\r\x1b[32mone\x1b[0m\x1b[K\ntwo\x1b[K\n\x1b[J\x1b[2A\rthree\x1b[K\n\x1b[J"
    )


def test_lines_never_wrap_nor_scroll() -> None:
    terminal = Terminal()
    Screen(terminal, Hand()).show([("x" * 50, "")] * 9)
    assert terminal.getvalue() == "\r" + ("x" * 19 + "\x1b[K\n") * 3 + "\x1b[J"


def test_it_draws_ten_times_a_second_and_the_last_in_any_case() -> None:
    clock, terminal = Hand(), Terminal()
    screen = Screen(terminal, clock)
    for _ in range(50):
        screen.show([("a", "")])
        clock.ns += 10_000_000
    assert terminal.getvalue().count("a") == 5
    screen.show([("z", "")])
    assert "z" in terminal.getvalue() or not screen.due()
    screen.show([("end", "")], last=True)
    assert "end" in terminal.getvalue()


def test_a_log_gets_the_first_line_when_its_word_changes_or_after_five_seconds() -> None:
    clock, log = Hand(), io.StringIO()
    screen = Screen(log, clock)
    for second, text in enumerate(["READY 1", "READY 2", "LOST 3", "LOST 4"] + ["LOST 5"] * 6):
        clock.ns = second * 1_000_000_000
        screen.show([(text, "bad"), ("more", "")])
    assert log.getvalue() == "READY 1\nLOST 3\nLOST 5\n"
