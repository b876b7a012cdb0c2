from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.scenario import passed
from sonoedge.bundle import Bundle
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import (
    GoldenMismatch,
    NoGoodBundle,
    RuntimeUnavailable,
    SonoedgeError,
    StoreError,
    VariantNotFound,
)
from sonoedge.store import (
    HealthLimits,
    HealthReport,
    SelfTest,
    activate,
    fall_back,
    mark_good,
    recover,
    start,
)
from sonoedge.store import state as state_module
from sonoedge.store.layout import Layout
from sonoedge.store.state import State, read_state, write_state
from sonoedge.trust.policy import TrustPolicy

Installed = Callable[[str], str]
Failing = Callable[[SonoedgeError], SelfTest]
UNSIGNED = TrustPolicy()


def state(root: Path) -> State:
    return read_state(Layout(root=root))


def started(root: Path, test: SelfTest = passed) -> Bundle:
    bundle = start(root, trust=UNSIGNED, test=test)
    assert bundle.lease is not None
    bundle.lease.close()
    return bundle


def untested(bundle: Bundle, engine: EngineOptions, limits: HealthLimits) -> HealthReport:
    pytest.fail("a bundle that was marked good is tested by whoever opens it")


def damage(root: Path, name: str) -> None:
    file = Layout(root=root).bundle(name) / "verification.json"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[::-1])


@pytest.fixture
def trial(root: Path, good: Installed, installed: Installed) -> tuple[str, str]:
    """A good bundle, and another one that is on trial."""
    first, second = good("1"), installed("2")
    activate(root, second, trust=UNSIGNED, test=passed)
    return first, second


def test_a_good_bundle_is_opened_as_any_other_and_nothing_is_written(
    root: Path, good: Installed
) -> None:
    name = good("1")
    before = state(root)
    bundle = started(root, untested)
    assert (bundle.manifest_sha256, bundle.note) == (name, "")
    assert bundle.folder == Layout(root=root).bundle(name)
    assert state(root) == before


def test_each_start_on_trial_counts_until_it_is_marked_good(
    root: Path, trial: tuple[str, str]
) -> None:
    _, second = trial
    for tries in (1, 2, 3):
        assert started(root).manifest_sha256 == second
        assert state(root).tries == {second: tries}
    mark_good(root, trust=UNSIGNED, test=passed)
    assert state(root).tries == {}
    assert started(root).manifest_sha256 == second


def test_a_bundle_that_was_started_three_times_and_never_marked_good_is_given_up(
    root: Path, trial: tuple[str, str]
) -> None:
    first, second = trial
    for _ in range(3):
        started(root)
    bundle = started(root, untested)
    assert bundle.manifest_sha256 == first == state(root).active
    assert "never marked good" in bundle.note
    assert state(root).blocked == (second,)
    assert (root / "current").readlink().name == first


def test_a_failing_trial_is_answered_for_by_the_one_before_it_and_blocked_after_three(
    root: Path, trial: tuple[str, str], failing: Failing
) -> None:
    first, second = trial
    for tries in (1, 2, 3):
        bundle = started(root, failing(GoldenMismatch("off")))
        assert bundle.manifest_sha256 == first
        assert "GOLDEN_MISMATCH: off" in bundle.note
        assert state(root).active == (second if tries < 3 else first)
    assert state(root).blocked == (second,)
    last = state(root).last_fall_back
    assert last is not None
    assert (last.sha256, last.token) == (second, "GOLDEN_MISMATCH")
    assert started(root, untested).note == ""


def test_a_first_bundle_that_fails_its_trial_leaves_none(
    root: Path, installed: Installed, failing: Failing
) -> None:
    activate(root, installed("1"), trust=UNSIGNED, test=passed)
    for _ in range(3):
        with pytest.raises(NoGoodBundle, match="GOLDEN_MISMATCH"):
            started(root, failing(GoldenMismatch("off")))
    assert state(root).active is None
    with pytest.raises(NoGoodBundle, match=r"no bundle of the store is active \(the last one"):
        started(root)
    assert not (root / "current").is_symlink()


def test_an_engine_that_is_missing_now_is_neither_blocked_nor_silent(
    root: Path, trial: tuple[str, str], failing: Failing
) -> None:
    first, second = trial
    for _ in range(4):
        bundle = started(root, failing(RuntimeUnavailable("no GPU")))
        assert bundle.manifest_sha256 == first
        assert "RUNTIME_UNAVAILABLE" in bundle.note
    assert (state(root).active, state(root).blocked) == (second, ())


def test_what_the_caller_asks_for_wrongly_is_his_error(
    root: Path, trial: tuple[str, str], failing: Failing
) -> None:
    for _ in range(4):
        with pytest.raises(VariantNotFound):
            started(root, failing(VariantNotFound("none")))
    assert state(root).tries == {}


@pytest.mark.parametrize("how", ["damaged", "gone", "another"])
def test_a_good_bundle_that_is_damaged_is_given_up_for_the_one_before_it(
    root: Path, good: Installed, bundles: Callable[[str], Path], how: str
) -> None:
    first, second = good("1"), good("2")
    place = Layout(root=root).bundle(second)
    if how == "damaged":
        damage(root, second)
    else:
        place.chmod(0o755)
        shutil.rmtree(place)
        if how == "another":
            shutil.copytree(bundles("3"), place)
    bundle = started(root)
    assert bundle.manifest_sha256 == first == state(root).active
    assert "the store went back" in bundle.note
    assert state(root).blocked == (), "the same bundle may be installed again"


def test_where_both_are_damaged_neither_runs_and_the_state_stays(
    root: Path, good: Installed
) -> None:
    first, second = good("1"), good("2")
    damage(root, first)
    damage(root, second)
    before = state(root)
    with pytest.raises(NoGoodBundle, match="neither the active bundle nor the previous one"):
        started(root)
    assert state(root) == before


def test_a_bundle_that_is_not_trusted_any_more_does_not_run(
    root: Path, good: Installed, demanding: TrustPolicy
) -> None:
    good("1")
    with pytest.raises(NoGoodBundle, match="SIGNATURE_MISSING"):
        start(root, trust=demanding, test=passed)


def test_a_store_that_cannot_be_written_runs_its_good_bundle(
    root: Path, good: Installed, unwritable: Callable[[], None]
) -> None:
    name = good("1")
    unwritable()
    assert started(root, untested).manifest_sha256 == name


def test_a_trial_that_cannot_be_counted_is_not_loaded(
    root: Path, trial: tuple[str, str], unwritable: Callable[[], None]
) -> None:
    first, second = trial
    unwritable()
    bundle = started(root, untested)
    assert bundle.manifest_sha256 == first
    assert "STORE_ERROR" in bundle.note
    assert state(root).active == second


def test_a_fall_back_that_cannot_be_noted_answers_all_the_same(
    root: Path, good: Installed, unwritable: Callable[[], None]
) -> None:
    first, second = good("1"), good("2")
    damage(root, second)
    unwritable()
    bundle = started(root)
    assert bundle.manifest_sha256 == first
    assert "unnoted" in bundle.note
    assert state(root).active == second


@pytest.fixture
def unwritable(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes the store read-only, also for root."""

    def refuse(file: Path, data: bytes) -> None:
        raise OSError(30, "Read-only file system")

    return lambda: monkeypatch.setattr(state_module, "replace_durably", refuse)


@pytest.mark.parametrize("data", ["{", '{"schema_version": 2}'])
def test_a_state_that_cannot_be_read_runs_nothing(root: Path, good: Installed, data: str) -> None:
    good("1")
    (root / "state.json").write_text(data)
    for action in (start, fall_back, mark_good):
        with pytest.raises(StoreError, match=r"damaged|newer"):
            action(root, trust=UNSIGNED)
    with pytest.raises(StoreError):
        recover(root)


def test_a_lost_state_runs_nothing_until_somebody_activates(root: Path, good: Installed) -> None:
    name = good("1")
    (root / "state.json").unlink()
    with pytest.raises(NoGoodBundle):
        started(root)
    activate(root, name, trust=UNSIGNED, test=passed)
    assert started(root).manifest_sha256 == name


def test_a_bundle_that_runs_is_held_until_its_lease_is_closed(
    root: Path, good: Installed, installed: Installed
) -> None:
    good("1")
    bundle = start(root, trust=UNSIGNED, test=passed)
    assert dataclasses.replace(bundle).lease is bundle.lease
    write_state(Layout(root=root), state(root), active=None)
    from sonoedge.store import collect_garbage

    assert collect_garbage(root).in_use == (bundle.manifest_sha256,)
    assert bundle.lease is not None
    bundle.lease.close()
    assert collect_garbage(root).removed == (bundle.manifest_sha256,)
