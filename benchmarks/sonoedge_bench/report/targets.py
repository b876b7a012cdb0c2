"""`sonoedge bench targets`: the list."""

from __future__ import annotations

from sonoedge_bench.machine import machine
from sonoedge_bench.report.terminal import console, print_table
from sonoedge_bench.report.text_table import TextTable
from sonoedge_bench.targets.recognise import differences
from sonoedge_bench.targets.target import names, target


def list_targets() -> None:
    """Every target, what it asks for, and whether this machine is one."""
    here = machine()
    rows = []
    for name in names():
        each = target(name)
        apart = differences(each, here)
        rows.append(
            (
                name,
                each.title,
                f"{each.runtime} {each.precision}",
                f"{each.fps:g}",
                f"{each.deadline_ms:g}",
                f"{each.budget.age_p99_ms:g}",
                "yes" if not apart else f"no: {apart[0]}",
            )
        )
    head = ("target", "what", "runs", "fps", "deadline ms", "p99 age ms", "this machine is one")
    text = TextTable(
        title="targets",
        head=head,
        rows=tuple(rows),
        words=("what", "runs", "this machine is one"),
        note="Deadline and age are what a product on it needs; no figure here was measured.",
    )
    print_table(text, console())
