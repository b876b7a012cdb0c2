from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from faults.scenario import make_bundle, passed
from sonoedge.bundle import Bundle
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import (
    BundleBlocked,
    BundleNotFound,
    DigestMismatch,
    GoldenMismatch,
    InvalidSettings,
    NoGoodBundle,
    RuntimeUnavailable,
    SonoedgeError,
    StoreError,
    TrustError,
)
from sonoedge.store import (
    HealthLimits,
    HealthReport,
    SelfTest,
    activate,
    check_health,
    fall_back,
    install_bundle,
    mark_good,
)
from sonoedge.store.layout import Layout
from sonoedge.store.state import State, read_state
from sonoedge.trust.floor import FileFloors
from sonoedge.trust.policy import TrustPolicy

Installed = Callable[[str], str]
Failing = Callable[[SonoedgeError], SelfTest]
UNSIGNED = TrustPolicy()


def state(root: Path) -> State:
    return read_state(Layout(root=root))


def link(root: Path) -> str:
    return (root / "current").readlink().name


def damage(root: Path, name: str) -> None:
    file = Layout(root=root).bundle(name) / "verification.json"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[::-1])


def test_a_bundle_that_passes_runs_on_trial(root: Path, installed: Installed) -> None:
    name = installed("1")
    done = activate(root, name[:8], trust=UNSIGNED, test=passed)
    assert done.sha256 == state(root).active == state(root).trial == link(root) == name
    assert state(root).tries == {}


def test_what_ran_before_is_fallen_back_to_if_it_was_marked_good(
    root: Path, good: Installed, installed: Installed
) -> None:
    first = good("1")
    second, third = installed("2"), installed("3")
    activate(root, second, trust=UNSIGNED, test=passed)
    activate(root, third, trust=UNSIGNED, test=passed)
    assert (state(root).previous, state(root).active) == (first, third)
    assert fall_back(root, trust=UNSIGNED) == first == link(root)
    assert state(root).trial is None
    last = state(root).last_fall_back
    assert last is not None
    assert (last.sha256, last.token) == (third, "ASKED_FOR")


def test_a_candidate_that_fails_changes_nothing_and_is_blocked_after_three_tries(
    root: Path, good: Installed, installed: Installed, failing: Failing
) -> None:
    first, second = good("1"), installed("2")
    test = failing(GoldenMismatch("off"))
    for tries in (1, 2):
        with pytest.raises(GoldenMismatch):
            activate(root, second, trust=UNSIGNED, test=test)
        assert state(root).tries == {second: tries}
        assert state(root).active == link(root) == first
    with pytest.raises(BundleBlocked, match="failed 3 times: GOLDEN_MISMATCH"):
        activate(root, second, trust=UNSIGNED, test=test)
    with pytest.raises(BundleBlocked):
        activate(root, second, trust=UNSIGNED, test=passed)
    assert (state(root).active, state(root).blocked) == (first, (second,))
    activate(root, second, trust=UNSIGNED, test=passed, again=True)
    assert (state(root).active, state(root).blocked) == (second, ())


def test_a_missing_engine_is_no_fault_of_the_bundle(
    root: Path, installed: Installed, failing: Failing
) -> None:
    name = installed("1")
    for _ in range(5):
        with pytest.raises(RuntimeUnavailable):
            activate(root, name, trust=UNSIGNED, test=failing(RuntimeUnavailable("no GPU")))
    assert state(root).tries == {}
    activate(root, name, trust=UNSIGNED, test=passed)


def test_the_try_is_counted_before_the_bundle_is_loaded(root: Path, installed: Installed) -> None:
    name = installed("1")
    counted: list[int] = []

    def test(bundle: Bundle, engine: EngineOptions, limits: HealthLimits) -> HealthReport:
        counted.append(state(root).tries[name])
        return passed(bundle, engine, limits)

    activate(root, name, trust=UNSIGNED, test=test)
    assert counted == [1]


def test_a_damaged_bundle_is_not_tested(root: Path, installed: Installed) -> None:
    name = installed("1")
    damage(root, name)
    with pytest.raises(DigestMismatch):
        activate(root, name, trust=UNSIGNED, test=lambda *a, **k: pytest.fail("tested"))


def test_the_active_bundle_is_tested_as_often_as_one_likes(
    root: Path, good: Installed, failing: Failing
) -> None:
    name = good("1")
    for _ in range(4):
        with pytest.raises(GoldenMismatch):
            check_health(root, name, trust=UNSIGNED, test=failing(GoldenMismatch("off")))
    assert (state(root).active, state(root).trial, state(root).tries) == (name, None, {})
    activate(root, name, trust=UNSIGNED, test=passed)
    assert state(root).trial is None


def test_a_bundle_is_named_by_enough_digits_of_one_that_is_there(
    root: Path, installed: Installed
) -> None:
    name = installed("1")
    for wrong in (name[:7], "", 5):
        with pytest.raises(InvalidSettings, match="8 or more"):
            activate(root, wrong, trust=UNSIGNED, test=passed)  # type: ignore[arg-type]
    with pytest.raises(BundleNotFound):
        activate(root, "0" * 64, trust=UNSIGNED, test=passed)
    Layout(root=root).bundle(name[:63] + ("0" if name[63] != "0" else "1")).mkdir()
    with pytest.raises(InvalidSettings, match="begins 2 bundles"):
        activate(root, name[:60], trust=UNSIGNED, test=passed)


def test_marking_good_raises_the_floor_to_the_bundles_number_and_no_higher(
    root: Path, tmp_path: Path
) -> None:
    floors = FileFloors(tmp_path / "floors.json")
    policy = TrustPolicy(floors=floors)
    bundle = make_bundle(tmp_path / "seven", "1", security_version=7)
    name = install_bundle(root, bundle, trust=policy)
    activate(root, name, trust=policy, test=passed)
    assert floors.read("dark-spots") == 0
    assert mark_good(root, trust=policy, test=passed) == name
    assert floors.read("dark-spots") == 7
    assert state(root).trial is None
    floors.raise_to("dark-spots", 9)
    mark_good(root, trust=policy, test=passed)
    assert floors.read("dark-spots") == 9


def test_a_bundle_whose_second_golden_round_fails_stays_on_trial(
    root: Path, installed: Installed, failing: Failing
) -> None:
    name = installed("1")
    activate(root, name, trust=UNSIGNED, test=passed)
    with pytest.raises(GoldenMismatch):
        mark_good(root, trust=UNSIGNED, test=failing(GoldenMismatch("off")))
    assert state(root).trial == name


def test_a_floor_that_cannot_be_written_leaves_the_bundle_on_trial(
    root: Path, installed: Installed, tmp_path: Path
) -> None:
    name = installed("1")
    activate(root, name, trust=UNSIGNED, test=passed)
    (tmp_path / "floors.json").write_text("{")
    policy = TrustPolicy(floors=FileFloors(tmp_path / "floors.json"))
    with pytest.raises(TrustError):
        mark_good(root, trust=policy, test=passed)
    assert state(root).trial == name


def test_nothing_to_mark_or_to_go_back_to_is_said(root: Path, good: Installed) -> None:
    with pytest.raises(StoreError):
        mark_good(root, trust=UNSIGNED, test=passed)
    good("1")
    with pytest.raises(NoGoodBundle, match="no bundle to fall back to"):
        fall_back(root, trust=UNSIGNED)


def test_a_store_without_an_active_bundle_has_none_to_mark(
    root: Path, installed: Installed
) -> None:
    installed("1")
    for change in (mark_good, fall_back):
        with pytest.raises(NoGoodBundle, match="no bundle of the store is active"):
            change(root, trust=UNSIGNED)


def test_a_damaged_bundle_is_not_fallen_back_to(root: Path, good: Installed) -> None:
    first, second = good("1"), good("2")
    damage(root, first)
    with pytest.raises(NoGoodBundle, match="DIGEST_MISMATCH"):
        fall_back(root, trust=UNSIGNED)
    assert state(root).active == second
