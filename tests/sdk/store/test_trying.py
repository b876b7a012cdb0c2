from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from faults.scenario import passed
from sonoedge.engines.options import DEFAULT_ENGINE
from sonoedge.errors import BundleBlocked, GoldenMismatch, InvalidSettings, SonoedgeError
from sonoedge.store import HealthLimits, HealthReport, SelfTest
from sonoedge.store.layout import Layout
from sonoedge.store.state import MOST_BLOCKED, because, read_state, write_state
from sonoedge.store.trying import block, try_bundle, unblock
from sonoedge.trust.policy import TrustPolicy

Installed = Callable[[str], str]


def tried(layout: Layout, name: str, test: SelfTest, *, passes: bool = True) -> HealthReport:
    return try_bundle(
        layout,
        name,
        policy=TrustPolicy(),
        engine=DEFAULT_ENGINE,
        limits=HealthLimits(),
        test=test,
        passes=passes,
    )


def test_a_process_that_dies_of_a_bundle_has_counted(root: Path, installed: Installed) -> None:
    name, layout = installed("1"), Layout(root=root)

    def killed(*arguments: object) -> HealthReport:
        raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            tried(layout, name, killed)
    with pytest.raises(BundleBlocked, match="loaded 3 times"):
        tried(layout, name, passed)
    assert read_state(layout).blocked == (name,)


def test_a_pass_ends_the_count_unless_the_trial_goes_on(root: Path, installed: Installed) -> None:
    name, layout = installed("1"), Layout(root=root)
    tried(layout, name, passed, passes=False)
    assert read_state(layout).tries == {name: 1}
    tried(layout, name, passed)
    assert read_state(layout).tries == {}


def test_a_blocked_bundle_is_not_what_is_fallen_back_to(root: Path, good: Installed) -> None:
    first, second = good("1"), good("2")
    layout = Layout(root=root)
    state = block(layout, read_state(layout), because(first, GoldenMismatch("off")))
    assert (state.active, state.previous, state.blocked) == (second, None, (first,))
    unblock(layout, first)
    assert read_state(layout).blocked == ()


def test_the_oldest_blocked_bundles_are_forgotten(root: Path, good: Installed) -> None:
    good("1")
    layout = Layout(root=root)
    names = tuple(f"{number:064x}" for number in range(MOST_BLOCKED))
    state = write_state(layout, read_state(layout), blocked=names)
    state = block(layout, state, because("f" * 64, GoldenMismatch("off")))
    assert state.blocked == (*names[1:], "f" * 64)
    assert read_state(layout) == state


def test_a_wrong_argument_takes_its_try_back(
    root: Path, installed: Installed, failing: Callable[[SonoedgeError], SelfTest]
) -> None:
    name, layout = installed("1"), Layout(root=root)
    for _ in range(4):
        with pytest.raises(InvalidSettings):
            tried(layout, name, failing(InvalidSettings("no such thing")))
    assert read_state(layout).tries == {}
