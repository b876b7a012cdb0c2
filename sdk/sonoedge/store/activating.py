"""Which bundle runs: tested before it is chosen, marked good afterwards, or given up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from sonoedge.engines.options import DEFAULT_ENGINE, EngineOptions
from sonoedge.errors import BundleError, BundleNotFound, InvalidSettings, NoGoodBundle
from sonoedge.store.health import HealthLimits, HealthReport, SelfTest, self_test
from sonoedge.store.installed import read_installed
from sonoedge.store.layout import Layout, open_layout
from sonoedge.store.locking import Lease, exclusive
from sonoedge.store.recovering import repair_link
from sonoedge.store.state import FallBack, State, read_state, without, write_state
from sonoedge.store.trying import check_blocked, give_up, try_bundle, unblock
from sonoedge.trust.admission import settle_grants
from sonoedge.trust.policy import TrustPolicy, read_policy

DEFAULT_LIMITS: Final = HealthLimits()
ASKED_FOR: Final = "ASKED_FOR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A bundle that passed its self-test and runs from now on.

    Attributes:
        sha256: its manifest's.
        report: what the self-test told.
    """

    sha256: str
    report: HealthReport


def activate(
    root: str | Path,
    sha256: str,
    *,
    trust: TrustPolicy | None = None,
    engine: EngineOptions = DEFAULT_ENGINE,
    limits: HealthLimits = DEFAULT_LIMITS,
    again: bool = False,
    test: SelfTest = self_test,
) -> Activation:
    """Test an installed bundle, then let it be the one that is opened; it is on trial then.

    What runs in other processes goes on. The bundle that was active before stays as what is
    fallen back to, if it was marked good.

    Args:
        root: the store's folder.
        sha256: the manifest's SHA-256, or its first 8 digits or more.
        trust: whose signatures it needs; None takes the device's policy file.
        engine: how it will be opened.
        limits: what it may take, and how fast it must be.
        again: try it even if it is blocked.
        test: asks whether it works.

    Raises:
        BundleError: it is not installed, damaged, not trusted, or answers wrongly here;
            `BundleBlocked`: it failed three times.
        EngineFailed: its engine failed, crashed, hung, or took too much memory.
        GateFailed: it is slower than `limits.max_ms`.
        MissingDependency, RuntimeUnavailable: no engine of it can run here.
        StoreError: the store cannot be read or written.
    """
    policy = read_policy() if trust is None else trust
    layout = open_layout(root)
    name = installed_name(layout, sha256)
    with Lease(layout.bundle(name)):
        if again:
            unblock(layout, name)
        report = check_health(root, name, trust=policy, engine=engine, limits=limits, test=test)
        with exclusive(layout):
            state = read_state(layout)
            check_blocked(state, name)
            if state.active != name:
                good = state.active if state.trial is None else state.previous
                previous = None if good == name else good
                state = write_state(layout, state, active=name, previous=previous, trial=name)
            repair_link(layout, state)
    return Activation(sha256=name, report=report)


def check_health(
    root: str | Path,
    sha256: str,
    *,
    trust: TrustPolicy | None = None,
    engine: EngineOptions = DEFAULT_ENGINE,
    limits: HealthLimits = DEFAULT_LIMITS,
    test: SelfTest = self_test,
) -> HealthReport:
    """Test an installed bundle; what runs does not change. One that is not active is counted.

    Raises:
        SonoedgeError: it fails; as `activate`.
    """
    policy = read_policy() if trust is None else trust
    layout = open_layout(root)
    name = installed_name(layout, sha256)
    with Lease(layout.bundle(name)):
        if read_state(layout).active == name:  # it runs: this is no try
            bundle = read_installed(layout, name, policy, test_doubles=engine.test_doubles)
            return test(bundle, engine, limits)
        return try_bundle(layout, name, policy=policy, engine=engine, limits=limits, test=test)


def mark_good(
    root: str | Path,
    *,
    trust: TrustPolicy | None = None,
    engine: EngineOptions = DEFAULT_ENGINE,
    limits: HealthLimits = DEFAULT_LIMITS,
    test: SelfTest = self_test,
) -> str:
    """End the active bundle's trial: it passes its self-test once more, and is kept.

    The device's floor rises to the bundle's security version: older ones, the previous bundle
    among them, do not run any more.

    Returns:
        the bundle's SHA-256.

    Raises:
        NoGoodBundle: none is active.
        BundleError, EngineFailed, GateFailed: it does not pass; it stays on trial.
        TrustError: the floor or a grant cannot be written; it stays on trial.
        StoreError: the store cannot be read or written, or another bundle was activated meanwhile.
    """
    policy = read_policy() if trust is None else trust
    layout = open_layout(root)
    state = read_state(layout)
    if state.active is None:
        raise nothing_active(state)
    with Lease(layout.bundle(state.active)) as lease:
        name = lease.folder.name
        bundle = read_installed(layout, name, policy, test_doubles=engine.test_doubles)
        test(bundle, engine, limits)
        with exclusive(layout):
            now = read_state(layout)
            if now.active != state.active:
                raise NoGoodBundle("another bundle was activated meanwhile; mark that one good")
            # The floor first: where the power goes between, the bundle is still on trial, and
            # is marked again.
            if policy.floors is not None:
                manifest = bundle.manifest
                policy.floors.raise_to(manifest.name, manifest.security_version)
            settle_grants(bundle.vouched.admission, policy)
            if now.trial is not None or name in now.tries:
                write_state(layout, now, trial=None, tries=without(now, name))
    return name


def fall_back(
    root: str | Path, *, trust: TrustPolicy | None = None, test_doubles: bool = False
) -> str:
    """Go back to the bundle that ran before, because somebody asks for it.

    Returns:
        the SHA-256 of the bundle that is active now.

    Raises:
        NoGoodBundle: there is none to go back to, or it may not run any more.
        StoreError: the store cannot be read or written.
    """
    policy = read_policy() if trust is None else trust
    layout = open_layout(root)
    with exclusive(layout):
        state = read_state(layout)
        if state.active is None:
            raise nothing_active(state)
        name = sound_previous(layout, state, policy, test_doubles=test_doubles)
        reason = FallBack(sha256=state.active, token=ASKED_FOR, why="somebody asked for it")
        give_up(layout, state, reason)
    return name


def sound_previous(
    layout: Layout, state: State, policy: TrustPolicy, *, test_doubles: bool = False
) -> str:
    """The bundle to fall back to, every file of it checked.

    Raises:
        NoGoodBundle: there is none, or it is damaged or not trusted any more.
    """
    if state.previous is None:
        raise NoGoodBundle(
            "the store has no bundle to fall back to: none before this one was marked good; "
            "install and activate another one"
        )
    try:
        read_installed(layout, state.previous, policy, test_doubles=test_doubles)
    except BundleError as error:
        raise NoGoodBundle(
            f"the bundle to fall back to cannot run either: {error.token}: {error}"
        ) from error
    return state.previous


def installed_name(layout: Layout, sha256: str) -> str:
    """The installed bundle whose SHA-256 begins so.

    Raises:
        InvalidSettings: fewer than 8 digits, or several bundles begin so.
        BundleNotFound: none does.
    """
    if not isinstance(cast("object", sha256), str) or len(sha256) < 8:
        raise InvalidSettings("name a bundle by 8 or more digits of its manifest's SHA-256")
    names = [name for name in layout.installed() if name.startswith(sha256)]
    if len(names) > 1:
        raise InvalidSettings(f"{sha256[:64]!r} begins {len(names)} bundles; give more digits")
    if not names:
        raise BundleNotFound(f"no bundle {sha256[:64]!r} is installed; see: sonoedge store status")
    return names[0]


def nothing_active(state: State) -> NoGoodBundle:
    """The error of a store of which nothing runs."""
    last = state.last_fall_back
    why = "" if last is None else f" (the last one was given up: {last.token}: {last.why})"
    return NoGoodBundle(
        f"no bundle of the store is active{why}; install one, then: sonoedge store activate"
    )
