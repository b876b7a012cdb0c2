"""`sonoedge.open` and `sonoedge.live` of a store: the old bundle answers for one that fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sonoedge
from faults.scenario import make_bundle, passed
from sonoedge.bundle import read_bundle
from sonoedge.device.store import store_folder
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import BundleBlocked, GateFailed, InvalidSettings, StoreError
from sonoedge.store import (
    HealthLimits,
    activate,
    collect_garbage,
    install_bundle,
    mark_good,
    starting,
)
from sonoedge.store.layout import Layout
from sonoedge.store.state import read_state, write_state
from sonoedge.trust.policy import TrustPolicy
from sonoedge_bench.reliability.faulty_bundle import make_faulty_bundle

DOUBLES = EngineOptions(test_doubles=True)
UNSIGNED = TrustPolicy()
TINY = Path(__file__).parents[2] / "data" / "tiny"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store in which the tiny bundle runs and was marked good."""
    folder = tmp_path / "store"
    name = install_bundle(folder, make_bundle(tmp_path / "good", "1"), trust=UNSIGNED)
    activate(folder, name, trust=UNSIGNED, test=passed)
    mark_good(folder, trust=UNSIGNED, test=passed)
    return folder


@pytest.fixture
def candidate(root: Path, tmp_path: Path) -> Callable[..., str]:
    """Installs a bundle whose engine fails so; its digest."""

    def make(fault: dict[str, Any]) -> str:
        folder = make_faulty_bundle(TINY, tmp_path / "faulty", [fault])
        return install_bundle(root, folder, trust=UNSIGNED, test_doubles=True)

    return make


def test_the_active_bundle_is_opened_and_held_until_it_is_closed(root: Path) -> None:
    layout = Layout(root=root)
    name = read_state(layout).active
    with sonoedge.open(f"store:{root}", trust=UNSIGNED) as analyser:
        assert analyser.origin.bundle_id == read_bundle(layout.bundle(str(name))).manifest.bundle_id
        write_state(layout, read_state(layout), active=None)
        assert collect_garbage(root).in_use == (name,)
    assert collect_garbage(root).removed == (name,)


@pytest.mark.parametrize("isolation", ["thread", "process"])
def test_a_session_of_a_store_keeps_its_bundle(root: Path, tmp_path: Path, isolation: Any) -> None:
    layout = Layout(root=root)
    name = read_state(layout).active
    with sonoedge.live(Path(f"store:{root}"), isolation=isolation, trust=UNSIGNED) as session:
        write_state(layout, read_state(layout), active=None)
        assert collect_garbage(root).in_use == (name,)
        assert session.status().choice.startswith("onnxruntime-fp32")
    assert collect_garbage(root).removed == (name,)


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "wrong golden flags": ({"kind": "wrong"}, "GOLDEN_MISMATCH"),
    "crash at load": ({"kind": "sigsegv", "at": "load"}, "ENGINE_CRASHED"),
    "hang": ({"kind": "hang", "at": "load"}, "ENGINE_CRASHED"),
    "out of memory": ({"kind": "leak", "bytes": 400 << 20}, "ENGINE_FAILED"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_old_bundle_answers_for_a_candidate_that_fails(
    root: Path, candidate: Callable[..., str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault, token = FAULTS[name]
    limits = {"hang": {"timeout_s": 4.0}, "out of memory": {"memory_mib": 700}}.get(name, {})
    monkeypatch.setattr(starting, "LIMITS", HealthLimits(frames=0, **limits))  # type: ignore[arg-type]
    old = read_state(Layout(root=root)).active
    new = candidate(fault)
    activate(root, new, trust=UNSIGNED, engine=DOUBLES, test=passed)
    with sonoedge.open(f"store:{root}", DOUBLES, trust=UNSIGNED) as analyser:
        assert analyser.origin.bundle_id.startswith("dark-spots-1-")
        assert token in analyser.choice
        assert "the one before it answers" in analyser.choice
    state = read_state(Layout(root=root))
    assert (state.active, state.previous, state.tries) == (new, old, {new: 1})


def test_a_session_says_that_the_old_bundle_answers_and_the_third_failure_blocks(
    root: Path, candidate: Callable[..., str]
) -> None:
    old = read_state(Layout(root=root)).active
    new = candidate({"kind": "sigsegv", "at": "load"})
    activate(root, new, trust=UNSIGNED, engine=DOUBLES, test=passed)
    for tries in (1, 2, 3):
        with sonoedge.live(f"store:{root}", engine=DOUBLES, trust=UNSIGNED) as session:
            choice = session.status().choice
        assert "ENGINE_CRASHED" in choice
        assert (f"try {tries} of 3" in choice) == (tries < 3)
    state = read_state(Layout(root=root))
    assert (state.active, state.blocked) == (old, (new,))
    with pytest.raises(BundleBlocked):
        activate(root, new, trust=UNSIGNED, engine=DOUBLES, test=passed)


def test_a_candidate_that_is_too_slow_never_runs(root: Path, candidate: Callable[..., str]) -> None:
    old = read_state(Layout(root=root)).active
    new = candidate({"kind": "slow", "ms": 30.0})
    limits = HealthLimits(max_ms=20.0, frames=3)
    for error in (GateFailed, GateFailed, BundleBlocked):
        with pytest.raises(error, match="too slow"):
            activate(root, new, trust=UNSIGNED, engine=DOUBLES, limits=limits)
    state = read_state(Layout(root=root))
    assert (state.active, state.trial, state.blocked) == (old, None, (new,))


def test_a_wrong_argument_is_no_try(root: Path, candidate: Callable[..., str]) -> None:
    activate(root, candidate({"kind": "slow"}), trust=UNSIGNED, engine=DOUBLES, test=passed)
    with pytest.raises(InvalidSettings):
        sonoedge.open(f"store:{root}", roi=5, trust=UNSIGNED)  # type: ignore[arg-type]
    assert read_state(Layout(root=root)).tries == {}


def test_where_there_is_no_store_nothing_is_opened(tmp_path: Path) -> None:
    for opener in (sonoedge.open, sonoedge.live, read_bundle):
        with pytest.raises(StoreError):
            opener(f"store:{tmp_path}")


def test_what_is_built_for_a_bundle_lies_in_the_stores_own_folder(root: Path) -> None:
    bundle = read_bundle(f"store:{root}", trust=UNSIGNED)
    expected = Layout(root=root).provision(bundle.manifest_sha256)
    assert store_folder(bundle.folder) == expected
    assert store_folder(root / "current") == expected
    assert store_folder(root / "other").name == "other.provision"
