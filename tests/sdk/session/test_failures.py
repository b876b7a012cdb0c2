from __future__ import annotations

import errno
import os

from scripted_engines import Script, origin_of
from sonoedge import State
from sonoedge.bundle import Bundle
from sonoedge.errors import DigestMismatch, EngineCrashed, GoldenMismatch
from sonoedge.session import HealthRules
from sonoedge.session.engine import EngineReady
from sonoedge.session.engines import Engines
from sonoedge.session.exchange import Exchange
from sonoedge.session.failures import Failures
from sonoedge.session.observer import SessionObserver
from sonoedge.session.states import StateReason
from sonoedge.session.switching import SwitchRequest


class Observer(SessionObserver):
    """Hears how often the session goes back."""

    def __init__(self) -> None:
        self.switches = 0

    def switched(self, bundle: Bundle | None) -> None:
        self.switches += 1


def begun(script: Script) -> tuple[Failures, Engines, Exchange]:
    exchange = Exchange(
        max_age_ns=10**9,
        rules=HealthRules(),
        placeholder=origin_of(""),
        delivers=False,
        clock_ns=script.clock_ns,
        observer=Observer(),
    )
    engines = Engines(script.bundle("first"), standby=False, trial_frames=5)
    for answer in (engines.launch(), [EngineReady(origin=origin_of("first"), choice="", golden=1)]):
        for each in answer:
            assert isinstance(each, EngineReady)
            assert engines.is_ours(each)
            exchange.standing.engine_ready(each)
    return Failures(exchange, engines), engines, exchange


def switched(engines: Engines, script: Script) -> None:
    engines.switching.begin(SwitchRequest(script.bundle("second"), script.now_ns + 1))
    engines.step(script.now_ns)
    assert engines.cross_border() is not None


def test_want_of_a_process_is_no_death() -> None:
    failures, _, exchange = begun(Script())
    failures.not_started(OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)), 50_000_000)
    status = exchange.status()
    assert (status.state, status.reasons, status.deaths) == (
        (State.UNAVAILABLE, ("ENGINE_FAILED",), 0)
    )


def test_a_bundle_that_cannot_be_trusted_latches_fault_unless_there_is_one_to_go_back_to() -> None:
    for error, why in (
        (GoldenMismatch("x"), "WRONG_ANSWER"),
        (DigestMismatch("x"), "BUNDLE_UNUSABLE"),
    ):
        script = Script()
        failures, engines, exchange = begun(script)
        switched(engines, script)
        greeting = failures.bundle_failed(error)
        assert greeting is not None
        assert greeting.origin == origin_of("first")
        assert exchange.status().state is State.DEGRADED
        assert exchange.status().switch.last_failure == why
        assert failures.bundle_failed(error) is None
        assert exchange.status().state is State.FAULT
        assert exchange.status().reasons == (why,)
        assert script.living() == []


def test_going_back_is_told_to_the_log_though_the_engine_before_has_died() -> None:
    for dies in (False, True):
        script = Script()
        failures, engines, exchange = begun(script)
        switched(engines, script)
        if dies:
            script.made[0].collect()  # what it said when it was ready
            script.made[0].die()
            engines.step(script.now_ns)
        greeting = failures.engine_failed(StateReason.ENGINE_CRASHED, "it died", None)
        assert (greeting is None) is dies
        assert engines.origin == origin_of("first")
        assert isinstance(exchange.observer, Observer)
        assert exchange.observer.switches == 1


def test_an_engine_that_goes_before_it_was_ready_is_an_error_of_opening() -> None:
    script = Script()
    exchange = Exchange(
        max_age_ns=10**9,
        rules=HealthRules(),
        placeholder=origin_of(""),
        delivers=False,
        clock_ns=script.clock_ns,
    )
    engines = Engines(script.bundle("first"), standby=False, trial_frames=5)
    engines.launch()
    assert Failures(exchange, engines).engine_failed(StateReason.ENGINE_HUNG, "late", None) is None
    assert isinstance(exchange.standing.open_error, EngineCrashed)
    assert exchange.standing.opened.is_set()
    assert engines.in_charge is None
