from __future__ import annotations

import itertools

from sonoedge.session.observer import ObservedHealth, SessionObserver
from sonoedge.session.states import Health, HealthRules, State, StateReason

S = 1_000_000_000
Change = tuple[str, tuple[str, ...]]


class Heard(SessionObserver):
    def __init__(self) -> None:
        self.changes: list[Change] = []

    def state_changed(self, state: str, reasons: tuple[str, ...]) -> None:
        self.changes.append((state, reasons))


def observed() -> tuple[ObservedHealth, Heard]:
    heard = Heard()
    rules = HealthRules(max_deaths=3, recover_frames=1, recover_s=1.0)
    return ObservedHealth(rules, 0, heard), heard


def test_each_change_is_told_once() -> None:
    health, heard = observed()
    health.engine_ready(0)
    health.engine_ready(0)
    health.trouble(StateReason.RESULTS_STALE, S)
    health.trouble(StateReason.RESULTS_STALE, S)
    health.trouble(StateReason.CALLBACK_FAILED, S)
    health.good(3 * S)
    health.good(4 * S)
    health.pause(True, 5 * S)
    health.pause(False, 6 * S)
    health.down(StateReason.ENGINE_FAILED, 7 * S)
    health.close(8 * S)
    assert heard.changes == [
        ("READY", ()),
        ("DEGRADED", ("RESULTS_STALE",)),
        ("DEGRADED", ("CALLBACK_FAILED", "RESULTS_STALE")),
        ("READY", ()),
        ("PAUSED", ("PAUSED",)),
        ("READY", ()),
        ("UNAVAILABLE", ("ENGINE_FAILED",)),
        ("UNAVAILABLE", ("CLOSED",)),
    ]


def test_a_death_and_the_fault_that_follows_are_told() -> None:
    health, heard = observed()
    for at in range(1, 4):
        health.engine_ready(at * S)
        health.died(StateReason.ENGINE_HUNG, at * S)
    assert heard.changes[-1] == ("FAULT", ("TOO_MANY_DEATHS",))
    assert ("UNAVAILABLE", ("ENGINE_HUNG",)) in heard.changes
    health.fault(StateReason.WRONG_ANSWER, 9 * S)
    assert heard.changes[-1] == ("FAULT", ("TOO_MANY_DEATHS",))


def test_a_condition_degrades_for_as_long_as_it_holds() -> None:
    health, heard = observed()
    health.engine_ready(0)
    for _ in range(3):
        health.condition(StateReason.LOG_STORAGE, True)
    for at in range(1, 50):
        health.good(at * S)
    assert (health.state, health.reasons) == (State.DEGRADED, ("LOG_STORAGE",))
    health.condition(StateReason.LOG_STORAGE, False)
    assert health.state is State.READY
    assert heard.changes == [("READY", ()), ("DEGRADED", ("LOG_STORAGE",)), ("READY", ())]


def test_it_is_the_same_state_machine() -> None:
    changers = {n for n, f in vars(Health).items() if callable(f) and not n.startswith("_")}
    assert changers - {"beat", "answered"} <= vars(ObservedHealth).keys(), (
        "a change would go untold"
    )
    calls = [
        ("engine_ready", ()),
        ("trouble", (StateReason.RESULTS_STALE,)),
        ("good", ()),
        ("pause", (True,)),
        ("died", (StateReason.ENGINE_CRASHED,)),
    ]
    for order in itertools.permutations(calls):
        plain, (health, _) = Health(HealthRules(), 0), observed()
        for now_ns, (name, arguments) in enumerate(order):
            for machine in (plain, health):
                getattr(machine, name)(*arguments, now_ns)
        assert (plain.state, plain.reasons) == (health.state, health.reasons)
