"""`sonoedge bench targets`: the list."""

from __future__ import annotations

from sonoedge_bench.machine import machine
from sonoedge_bench.report.console import console
from sonoedge_bench.report.terminal import print_table
from sonoedge_bench.report.text_table import TextTable
from sonoedge_bench.targets.recognise import differences
from sonoedge_bench.targets.target import load_target, target_names


def list_targets() -> None:
    """Every target, what it requires, and whether this machine is one."""
    this_machine = machine()
    rows = []
    for name in target_names():
        target = load_target(name)
        mismatch = differences(target, this_machine)
        rows.append(
            (
                name,
                target.title,
                f"{target.runtime} {target.precision}",
                f"{target.fps:g}",
                f"{target.deadline_ms:g}",
                f"{target.budget.age_p99_ms:g}",
                "yes" if not mismatch else f"no: {mismatch[0]}",
            )
        )
    table = TextTable(
        title="Targets",
        head=("target", "machine", "engine", "fps", "deadline ms", "p99 age ms", "matches here"),
        rows=tuple(rows),
        text_columns=("machine", "engine", "matches here"),
        note="Deadline and age are what a product on it needs; no figure here was measured.",
    )
    print_table(table, console())
