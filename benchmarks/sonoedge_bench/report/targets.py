"""`sonoedge bench targets`: the list."""

from __future__ import annotations

from rich.table import Table

from sonoedge_bench.machine import machine
from sonoedge_bench.report.terminal import console
from sonoedge_bench.targets.recognise import differences
from sonoedge_bench.targets.target import names, target


def list_targets() -> None:
    """Every target, what it asks for, and whether this machine is one."""
    here = machine()
    table = Table("target", "what", "runs", "pace", "deadline", "budget, p99 age", "this machine")
    for name in names():
        each = target(name)
        apart = differences(each, here)
        table.add_row(
            name,
            each.title,
            f"{each.runtime} {each.precision}",
            f"{each.fps:g} fps",
            f"{each.deadline_ms:g} ms",
            f"{each.budget.age_p99_ms:g} ms",
            "[green]yes[/]" if not apart else f"no: {apart[0]}",
        )
    console().print(table)
