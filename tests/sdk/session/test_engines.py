from __future__ import annotations

from scripted_engines import Script, origin_of
from sonoedge import Analysed, NotAnalysed, Reason
from sonoedge.errors import SwitchRefused
from sonoedge.session.engine import EngineReady
from sonoedge.session.engines import Engines
from sonoedge.session.states import StateReason
from sonoedge.session.switching import SwitchRequest

VALUES = {
    "frame_id": 0,
    "captured_ns": 0,
    "age_ms": 1.0,
    "stages_ms": {},
    "origin": origin_of("first"),
}
FOUND = Analysed(regions=(), class_probs={}, **VALUES)  # type: ignore[arg-type]
FAILED = NotAnalysed(reasons=(Reason.ENGINE_FAILED,), **VALUES)  # type: ignore[arg-type]
FROZEN = NotAnalysed(reasons=(Reason.FRAME_FROZEN,), **VALUES)  # type: ignore[arg-type]


def greeting(name: str) -> EngineReady:
    return EngineReady(origin=origin_of(name), choice="scripted", golden=1)


def begun(script: Script, *, standby: bool = False) -> Engines:
    """With the first engine ready."""
    engines = Engines(script.bundle("first"), standby=standby, trial_frames=2)
    engines.launch()
    assert engines.is_ours(greeting("first"))
    return engines


def test_a_later_engine_must_be_what_the_first_one_was() -> None:
    engines = begun(Script())
    assert engines.is_ours(greeting("first"))
    assert not engines.is_ours(greeting("second"))
    assert engines.origin == origin_of("first")


def test_a_standby_that_has_died_is_no_engine_to_launch() -> None:
    script = Script()
    engines = begun(script, standby=True)
    engines.prepare_standby(0)
    script.made[1].collect()  # it was ready
    script.made[1].die()
    engines.drop()
    engines.launch()
    assert engines.in_charge is script.made[2]
    assert script.made[1].killed


def test_failed_calls_count_only_in_a_row_and_refused_pictures_do_not_count() -> None:
    engines = begun(Script())
    for analysis in (FAILED, FAILED, FOUND, FAILED, FROZEN, FAILED):
        assert engines.judge(analysis, analysis) is None
    verdict = engines.judge(FAILED, FAILED)
    assert verdict is not None
    assert verdict[0] is StateReason.ENGINE_FAILED


def test_nothing_stands_by_while_a_bundle_is_on_its_way_or_on_trial() -> None:
    script = Script()
    engines = begun(script, standby=True)
    engines.prepare_standby(0)
    engines.switching.begin(SwitchRequest(script.bundle("second"), 10**9))
    engines.step(0)
    taken = engines.cross_border()
    assert taken is not None
    assert script.living() == ["first", "second"]  # the standby of the first has gone
    engines.prepare_standby(0)
    assert script.living() == ["first", "second"]
    for _ in range(2):
        engines.judge(FOUND, FOUND)
    engines.prepare_standby(0)
    assert script.living() == ["second", "second"]
    engines.end(SwitchRefused("over"))
    assert script.living() == []


def test_there_is_no_border_without_an_engine_in_charge() -> None:
    script = Script()
    engines = begun(script)
    engines.switching.begin(SwitchRequest(script.bundle("second"), 10**9))
    engines.step(0)
    engines.drop()
    assert engines.cross_border() is None
    engines.launch()
    assert engines.cross_border() is not None
