"""What lies in a store, and whether it is sound."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sonoedge.bundle import read_bundle
from sonoedge.bundle.location import BUNDLES
from sonoedge.errors import BundleError, DigestMismatch, SonoedgeError
from sonoedge.store.contents import check_contents
from sonoedge.store.installed import read_installed
from sonoedge.store.layout import Layout, open_layout
from sonoedge.store.state import FallBack, State, read_state
from sonoedge.trust.policy import TrustPolicy, read_policy

Role = Literal["active", "on trial", "previous", "blocked", "installed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledBundle:
    """One bundle of a store.

    Attributes:
        sha256: its manifest's.
        role: "active" was marked good; "on trial" is active and was not; "previous" is fallen
            back to.
        bundle_id, version, bytes: what its manifest says; None where that cannot be read.
        tries: how often it was loaded since it last passed.
        problem: what is wrong with it, token and message; None where nothing was seen.
    """

    sha256: str
    role: Role
    bundle_id: str | None
    version: str | None
    bytes: int | None
    tries: int
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatus:
    """A store, as it is.

    Attributes:
        seq: counts the changes of its state.
        bundles: those that are installed, by digest.
        blocked: digests that are taken no more, installed or not.
        last_fall_back: why the store last went back.
        link: whether `current` points to the active bundle.
    """

    seq: int
    bundles: tuple[InstalledBundle, ...]
    blocked: tuple[str, ...]
    last_fall_back: FallBack | None
    link: bool

    @property
    def problems(self) -> tuple[InstalledBundle, ...]:
        """The bundles with which something is wrong."""
        return tuple(bundle for bundle in self.bundles if bundle.problem is not None)


def read_status(
    root: str | Path, *, trust: TrustPolicy | None = None, test_doubles: bool = False
) -> StoreStatus:
    """What is installed, by its manifests and signatures; no other file is read, none written.

    Args:
        root: the store's folder.
        trust: whose signatures are needed; None takes the device's policy file. A bundle that
            it refuses now, whoever installed it, has that as its problem.

    Raises:
        StoreError: there is no store, or its state is damaged.
        TrustError: the policy, or its keyring, cannot be read.
    """
    policy = read_policy() if trust is None else trust
    return _status(open_layout(root), policy=policy, deep=False, test_doubles=test_doubles)


def verify_store(
    root: str | Path, *, trust: TrustPolicy | None = None, test_doubles: bool = False
) -> StoreStatus:
    """Check every installed bundle: signatures, every file, and that there are no others.

    A bundle that the state names and that is not there is a problem as well.

    Args:
        root: the store's folder.
        trust: whose signatures are needed; None takes the device's policy file.

    Raises:
        StoreError: there is no store, or its state is damaged.
    """
    policy = read_policy() if trust is None else trust
    return _status(open_layout(root), policy=policy, deep=True, test_doubles=test_doubles)


def _status(layout: Layout, *, policy: TrustPolicy, deep: bool, test_doubles: bool) -> StoreStatus:
    state = read_state(layout)
    needed = {name for name in (state.active, state.previous) if name is not None}
    names = sorted({*layout.installed(), *needed})
    return StoreStatus(
        seq=state.seq,
        bundles=tuple(_bundle(layout, state, name, policy, deep, test_doubles) for name in names),
        blocked=state.blocked,
        last_fall_back=state.last_fall_back,
        link=_link_is_right(layout, state),
    )


def _bundle(
    layout: Layout, state: State, sha256: str, policy: TrustPolicy, deep: bool, test_doubles: bool
) -> InstalledBundle:
    manifest, problem = None, None
    try:
        if not deep:
            bundle = read_bundle(layout.bundle(sha256), test_doubles=test_doubles, trust=policy)
        else:
            bundle = read_installed(layout, sha256, policy, test_doubles=test_doubles)
            for path in check_contents(bundle):
                raise DigestMismatch(f"{path} is missing; install the bundle again")
        manifest = bundle.manifest
    except SonoedgeError as error:
        if not isinstance(error, BundleError):
            raise
        problem = f"{error.token}: {error}"
    return InstalledBundle(
        sha256=sha256,
        role=_role(state, sha256),
        bundle_id=None if manifest is None else manifest.bundle_id,
        version=None if manifest is None else manifest.version,
        bytes=None if manifest is None else sum(d.bytes for d in manifest.files.values()),
        tries=state.tries.get(sha256, 0),
        problem=problem,
    )


def _role(state: State, sha256: str) -> Role:
    if sha256 == state.active:
        return "active" if state.trial is None else "on trial"
    if sha256 == state.previous:
        return "previous"
    return "blocked" if sha256 in state.blocked else "installed"


def _link_is_right(layout: Layout, state: State) -> bool:
    expected = None if state.active is None else os.path.join(BUNDLES, state.active)  # noqa: PTH118
    try:
        return os.readlink(layout.current) == expected  # noqa: PTH115 - the text itself counts
    except OSError:
        return expected is None
