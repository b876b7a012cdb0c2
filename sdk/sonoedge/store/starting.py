"""What a device opens when it starts: the active bundle, or the one before it, never in silence."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

from sonoedge.bundle import Bundle
from sonoedge.engines.options import DEFAULT_ENGINE, EngineOptions
from sonoedge.errors import (
    InvalidSettings,
    MissingDependency,
    NoGoodBundle,
    RuntimeUnavailable,
    SonoedgeError,
    StoreError,
    VariantNotFound,
)
from sonoedge.store.activating import nothing_active
from sonoedge.store.health import HealthLimits, SelfTest, self_test
from sonoedge.store.installed import read_installed
from sonoedge.store.layout import Layout, open_layout
from sonoedge.store.locking import Lease, exclusive
from sonoedge.store.recovering import recover_locked
from sonoedge.store.state import MOST_TRIES, State, because, read_state
from sonoedge.store.trying import give_up, try_bundle
from sonoedge.trust.policy import TrustPolicy, read_policy

# Golden frames, maps and flags; how fast it is was asked when it was activated.
LIMITS: Final = HealthLimits(frames=0, timeout_s=60.0)
RECOVERY_WAIT_S: Final = 1.0  # whoever holds the lock is alive: what it does is no leftover


def start(
    root: str | Path,
    *,
    engine: EngineOptions = DEFAULT_ENGINE,
    trust: TrustPolicy | None = None,
    test: SelfTest = self_test,
) -> Bundle:
    """Put a store in order, then read the bundle that runs; every file of it was checked.

    One on trial is counted and tested before, in a process of its own. If it fails, the previous
    bundle is given, for this time; at the third failure for good, and the one on trial is blocked.
    A bundle that was marked good and is damaged is given up for the previous one at once. What
    was given in place of what stands in `note`.

    Args:
        root: the store's folder.
        engine: how the bundle will be opened.
        trust: whose signatures it needs; None takes the device's policy file.
        test: asks whether a bundle on trial works.

    Returns:
        the bundle; it is held against removal for as long as its `lease` is open.

    Raises:
        NoGoodBundle: none is active, or neither it nor the previous one can run.
        StoreError: there is no store, or its state is damaged.
        InvalidSettings, VariantNotFound: `engine` asks for what the bundle lacks.
        MissingDependency, RuntimeUnavailable: no engine of it can run here.
    """
    policy = read_policy() if trust is None else trust
    layout = open_layout(root)
    note = _put_in_order(layout)
    state = read_state(layout)
    if state.active is None:
        raise nothing_active(state)
    try:
        if state.trial is not None:
            try_bundle(
                layout,
                state.trial,
                policy=policy,
                engine=engine,
                limits=LIMITS,
                test=test,
                passes=False,
            )
        bundle = _held(layout, state.active, policy, engine)
        return dataclasses.replace(bundle, note=note)
    except (InvalidSettings, VariantNotFound):
        raise
    except SonoedgeError as error:
        missing = isinstance(error, MissingDependency | RuntimeUnavailable)
        if missing and (state.trial is None or state.previous is None):
            raise
        return _instead(layout, state, error, policy, engine, note)


def _put_in_order(layout: Layout) -> str:
    """Recover; what keeps it from that keeps no bundle from running, and is told."""
    state = read_state(layout)
    try:
        with exclusive(layout, wait_s=RECOVERY_WAIT_S):
            recover_locked(layout, read_state(layout))
    except StoreError as error:
        if state.active is None:
            raise
        return str(error)
    return ""


def _held(layout: Layout, sha256: str, policy: TrustPolicy, engine: EngineOptions) -> Bundle:
    lease = Lease(layout.bundle(sha256))
    try:
        bundle = read_installed(layout, sha256, policy, test_doubles=engine.test_doubles)
    except BaseException:
        lease.close()
        raise
    return dataclasses.replace(bundle, lease=lease)


def _instead(
    layout: Layout,
    state: State,
    error: SonoedgeError,
    policy: TrustPolicy,
    engine: EngineOptions,
    note: str,
) -> Bundle:
    """The bundle that answers in place of the active one, which failed."""
    now = read_state(layout)
    given_up = now.active != state.active
    name = now.active if given_up else now.previous
    if name is None:
        raise NoGoodBundle(
            f"the store's bundle cannot run ({error.token}: {error}), and none before it was "
            "marked good; install and activate another one"
        ) from error
    try:
        bundle = _held(layout, name, policy, engine)
    except SonoedgeError as second:
        raise NoGoodBundle(
            f"neither the active bundle nor the previous one can run: {error.token}: {error}; "
            f"{second.token}: {second}"
        ) from second
    why = f"the bundle {str(state.active)[:12]}... cannot run ({error.token}: {error})"
    if given_up:
        why += "; the store went back to the one before it"
    elif now.trial is not None:
        tries = now.tries.get(now.trial, 0)
        why += f"; it is on trial, try {tries} of {MOST_TRIES}, and the one before it answers"
    else:
        why += f"; {_give_up(layout, now, error)}"
    return dataclasses.replace(bundle, note="; ".join(filter(None, (note, why))))


def _give_up(layout: Layout, state: State, error: SonoedgeError) -> str:
    """Go back for good; where that cannot be written, the previous bundle answers all the same."""
    try:
        with exclusive(layout):
            if read_state(layout) == state:
                give_up(layout, state, because(str(state.active), error))
    except StoreError as unwritten:
        return f"the one before it answers, and stays unnoted: {unwritten}"
    return "the store went back to the one before it"
