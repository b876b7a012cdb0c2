"""Every call of an update and of a fall back, and six faults at each."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from faults.injector import KILLED, Fault, in_fork, library
from faults.scenario import Ground, Update, make_ground
from sonoedge.errors import SonoedgeError

KILLS = (Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.TORN_THEN_KILL)


def count_calls(root: Path, work: Callable[[], None]) -> int:
    """How many calls some work makes that change what lies below a folder."""
    library().fault_arm(bytes(root), -1, Fault.NO_SPACE)
    work()
    calls = int(library().fault_count())
    library().fault_arm(b"/nowhere", -1, Fault.NO_SPACE)
    return calls


def strike_all(folder: Path, every: int) -> Counter[str]:
    """What came of all faults, or of every `every`-th, by outcome."""
    ground = make_ground(folder)
    back = Ground(
        store=ground.copy(folder / "updated").root,
        bundle=ground.bundle,
        old=ground.old,
        new=ground.new,
    )
    Update(root=back.store, bundle=ground.bundle).run()
    outcomes = _strike("update", ground, folder / "struck", every, Update.run, Update.check)
    return outcomes + _strike(
        "fall back", back, folder / "struck", every, Update.fall_back, Update.check_fall_back
    )


def _strike(
    name: str,
    ground: Ground,
    root: Path,
    every: int,
    work: Callable[[Update], None],
    check: Callable[[Update, str, str], str],
) -> Counter[str]:
    counted = ground.copy(root)
    calls = count_calls(root, partial(work, counted))
    faults = [(n, kind) for n in range(1, calls + 1) for kind in Fault][::every]
    outcomes = Counter[str]()
    for number, kind in faults:
        update = ground.copy(root)
        code = in_fork(partial(work, update), [SonoedgeError], fault=(root, number, kind))
        what = f"BAD: {name}, call {number}, {kind.name}"
        if code != KILLED if kind in KILLS else code not in (0, 10):
            outcomes[f"{what}: exit code {code}"] += 1
            continue
        try:
            outcomes[check(update, ground.old, ground.new)] += 1
        except (AssertionError, SonoedgeError) as error:
            outcomes[f"{what}: {type(error).__name__}: {error}"] += 1
    shutil.rmtree(root)
    print(f"{name}: {calls} calls, {outcomes.total()} faults: {dict(outcomes)}")
    return outcomes
