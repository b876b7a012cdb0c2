"""Every call of an update, and six faults at each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from faults.injector import KILLED, Fault, in_fork, library
from faults.scenario import Ground, Update, make_ground
from sonoedge.errors import SonoedgeError


def count_calls(update: Update) -> int:
    """How many calls an update makes that change its store."""
    library().fault_arm(str(update.root).encode(), -1, Fault.NO_SPACE)
    update.run()
    calls = int(library().fault_count())
    library().fault_arm(b"/nowhere", -1, Fault.NO_SPACE)
    return calls


def all_faults(calls: int, every: int = 1) -> list[tuple[int, Fault]]:
    """Each call with each fault, or every `every`-th of these."""
    return [(n, kind) for n in range(1, calls + 1) for kind in Fault][::every]


def strike(ground: Ground, root: Path, number: int, kind: Fault) -> str:
    """Update a copy of the store with one fault; "old" or "new", or what is wrong."""
    update = ground.copy(root)
    code = in_fork(update.run, [SonoedgeError], fault=(root, number, kind))
    kills = kind in (Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.TORN_THEN_KILL)
    if code != KILLED if kills else code not in (0, 10):
        return f"BAD: call {number}, {kind.name}: exit code {code}"
    try:
        return update.check(ground.old, ground.new)
    except (AssertionError, SonoedgeError) as error:
        return f"BAD: call {number}, {kind.name}: {type(error).__name__}: {error}"


def strike_all(
    folder: Path, faults: Iterable[tuple[int, Fault]] | None, every: int
) -> Counter[str]:
    """What came of all faults, by outcome."""
    ground = make_ground(folder)
    calls = count_calls(ground.copy(folder / "counted"))
    outcomes = Counter[str]()
    for number, kind in all_faults(calls, every) if faults is None else faults:
        outcomes[strike(ground, folder / "struck", number, kind)] += 1
    print(f"{calls} calls, {outcomes.total()} faults: {dict(outcomes)}")
    return outcomes
