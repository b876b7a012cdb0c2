"""Loading a bundle that may fail: counted before it is loaded, and blocked after three times."""

from __future__ import annotations

from typing import Final

from sonoedge.engines.options import EngineOptions
from sonoedge.errors import (
    BundleBlocked,
    InvalidSettings,
    MissingDependency,
    RuntimeUnavailable,
    SonoedgeError,
    StoreError,
    VariantNotFound,
)
from sonoedge.store.health import HealthLimits, HealthReport, SelfTest
from sonoedge.store.installed import read_installed
from sonoedge.store.layout import Layout
from sonoedge.store.locking import exclusive
from sonoedge.store.recovering import repair_link
from sonoedge.store.state import (
    MOST_BLOCKED,
    MOST_TRIES,
    FallBack,
    State,
    because,
    read_state,
    without,
    write_state,
)
from sonoedge.trust.policy import TrustPolicy

# What is no fault of the bundle: the caller asked for what it lacks, or the device lacks an engine.
NOT_ITS_FAULT: Final = (
    InvalidSettings,
    VariantNotFound,
    MissingDependency,
    RuntimeUnavailable,
    StoreError,
)


def try_bundle(
    layout: Layout,
    sha256: str,
    *,
    policy: TrustPolicy,
    engine: EngineOptions,
    limits: HealthLimits,
    test: SelfTest,
    passes: bool = True,
) -> HealthReport:
    """Count a try, then check a bundle's signatures and files, and let it be tested.

    A process that dies in between has counted. At the third failure the bundle is blocked; if
    it was the active one, the previous one is from then on.

    Args:
        passes: a passed test ends the count; False where the bundle's trial goes on.

    Raises:
        BundleBlocked: it failed three times, this one among them.
        SonoedgeError: it failed; as `activate`.
    """
    with exclusive(layout):
        state = read_state(layout)
        check_blocked(state, sha256)
        if state.tries.get(sha256, 0) >= MOST_TRIES:  # the last one was not lived to its end
            refused = _blocked(sha256, f"it was loaded {MOST_TRIES} times and never marked good")
            block(layout, state, because(sha256, refused))
            raise refused
        _set(layout, state, sha256, state.tries.get(sha256, 0) + 1)
    try:
        bundle = read_installed(layout, sha256, policy, test_doubles=engine.test_doubles)
        report = test(bundle, engine, limits)
    except NOT_ITS_FAULT:
        with exclusive(layout):
            state = read_state(layout)
            _set(layout, state, sha256, state.tries.get(sha256, 1) - 1)
        raise
    except SonoedgeError as error:
        with exclusive(layout):
            state = read_state(layout)
            if state.tries.get(sha256, 0) < MOST_TRIES:
                raise
            block(layout, state, because(sha256, error))
        raise _blocked(sha256, f"{error.token}: {error}") from error
    if passes:
        with exclusive(layout):
            _set(layout, read_state(layout), sha256, 0)
    return report


def check_blocked(state: State, sha256: str) -> None:
    """Refuse a bundle that failed too often.

    Raises:
        BundleBlocked: it did.
    """
    if sha256 in state.blocked:
        raise BundleBlocked(
            f"the bundle {sha256[:12]}... failed on this device as often as one may; install "
            "another one, or, once the reason is mended: sonoedge store activate --again"
        )


def block(layout: Layout, state: State, reason: FallBack) -> State:
    """Take a bundle no more, and go back from it if it is the active one; the lock must be held.

    Raises:
        StoreError: the state cannot be written.
    """
    sha256 = reason.sha256
    blocked = (*(name for name in state.blocked if name != sha256), sha256)[-MOST_BLOCKED:]
    previous = None if state.previous == sha256 else state.previous
    if state.active != sha256:
        return write_state(
            layout, state, blocked=blocked, previous=previous, tries=without(state, sha256)
        )
    return give_up(layout, state, reason, blocked=blocked)


def give_up(
    layout: Layout, state: State, reason: FallBack, *, blocked: tuple[str, ...] | None = None
) -> State:
    """Go back from the active bundle to the previous one, if any; the lock must be held.

    Args:
        blocked: the bundles that are blocked from now on; None for those that are.

    Raises:
        StoreError: the state cannot be written.
    """
    state = write_state(
        layout,
        state,
        active=state.previous,
        previous=None,
        trial=None,
        tries=without(state, reason.sha256),
        blocked=state.blocked if blocked is None else blocked,
        last_fall_back=reason,
    )
    repair_link(layout, state)
    return state


def unblock(layout: Layout, sha256: str) -> None:
    """Let a bundle be tried again, three times more.

    Raises:
        StoreError: the state cannot be read or written.
    """
    with exclusive(layout):
        state = read_state(layout)
        if sha256 in state.blocked:
            write_state(
                layout, state, blocked=tuple(name for name in state.blocked if name != sha256)
            )


def _blocked(sha256: str, why: str) -> BundleBlocked:
    return BundleBlocked(f"the bundle {sha256[:12]}... failed {MOST_TRIES} times: {why}")


def _set(layout: Layout, state: State, sha256: str, tries: int) -> None:
    following = without(state, sha256) | ({sha256: tries} if tries > 0 else {})
    if following != state.tries:
        write_state(layout, state, tries=following)
