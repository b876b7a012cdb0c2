from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.errors import RuntimeUnavailable
from sonoedge_bench.machine.other_work import Account


def quiet() -> Account:
    return Account(at_s=0.0, busy_s=0.0, stolen_s=0.0, own_s=0.0)


def reader(*busy_s: float) -> Callable[[], Account]:
    """Accounts ten seconds apart, busy for so many seconds by then, none of them ours."""
    rows = enumerate(busy_s)
    return lambda: next(
        Account(at_s=10.0 * n, busy_s=busy, stolen_s=0.0, own_s=0.0) for n, busy in rows
    )


def test_every_table_has_its_marks_on_the_page() -> None:
    from blocks import replaced
    from make_tables import PAGE, TABLES

    for name in TABLES:
        assert "shown here" in replaced(PAGE.read_text(), name, "shown here")


def test_a_table_stands_behind_the_command_that_made_it() -> None:
    from make_tables import TABLES, make

    made = make(
        ["cold", "closed"], lambda command: f"{len(command)}", reader(0, 0, 0, 0), lambda _: None
    )
    assert list(made) == ["cold", "closed"]
    for name, text in made.items():
        assert text == f"    {TABLES[name]}\n\n{len(TABLES[name])}"


def test_nothing_is_measured_on_a_busy_machine() -> None:
    from make_tables import make

    def busy(read: Callable[[], Account]) -> None:
        raise RuntimeUnavailable("busy")

    ran: list[str] = []
    with pytest.raises(RuntimeUnavailable):
        make(["cold"], lambda command: ran.append(command) or "", quiet, busy)
    assert ran == []


def test_others_at_work_while_a_table_was_measured_refuse_it() -> None:
    from make_tables import make

    with pytest.raises(RuntimeUnavailable, match="while 'closed' was measured"):
        make(["cold", "closed"], lambda _: "", reader(0, 0, 0, 9), lambda _: None)


def test_commands_run_by_this_python_on_the_files_that_were_named(tmp_path: Path) -> None:
    from make_tables import TABLES, words

    values = {"RECIPE": tmp_path / "r.toml", "BUNDLE": tmp_path / "b"}
    side = words(TABLES["side by side"], values, tmp_path)
    assert side[:2] == [sys.executable, "benchmarks/peers/side_by_side.py"]
    assert side[2:4] == [str(tmp_path / "r.toml"), str(tmp_path / "b")]
    assert side[-2:] == ["--data-root", str(tmp_path)]
    cold = words(TABLES["cold"], values, tmp_path)
    assert cold[:5] == [sys.executable, "-m", "sonoedge", "bench", str(tmp_path / "b")]
    assert "--data-root" not in cold
