"""Bundles to install, and self-tests that pass or fail without a process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from faults.scenario import make_bundle, passed
from sonoedge.bundle import Bundle
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import SonoedgeError
from sonoedge.store import HealthLimits, HealthReport, SelfTest, activate, install_bundle, mark_good
from sonoedge.trust.keyring import Keyring
from sonoedge.trust.keyring_changes import key_row
from sonoedge.trust.policy import TrustPolicy
from sonoedge.trust.signing import FileSigner

UNSIGNED = TrustPolicy()


@pytest.fixture
def bundles(tmp_path: Path) -> Callable[[str], Path]:
    """The tiny bundle, of a version."""

    def make(version: str) -> Path:
        folder = tmp_path / f"bundle-{version}"
        return folder if folder.exists() else make_bundle(folder, version)

    return make


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "store"


@pytest.fixture
def installed(root: Path, bundles: Callable[[str], Path]) -> Callable[[str], str]:
    """Installs a version; its digest."""
    return lambda version: install_bundle(root, bundles(version), trust=UNSIGNED)


@pytest.fixture
def good(root: Path, installed: Callable[[str], str]) -> Callable[[str], str]:
    """Installs a version, activates it and marks it good; its digest."""

    def make(version: str) -> str:
        sha256 = installed(version)
        activate(root, sha256, trust=UNSIGNED, test=passed)
        mark_good(root, trust=UNSIGNED, test=passed)
        return sha256

    return make


@pytest.fixture
def failing() -> Callable[[SonoedgeError], SelfTest]:
    """A self-test that fails."""

    def make(error: SonoedgeError) -> SelfTest:
        def test(bundle: Bundle, engine: EngineOptions, limits: HealthLimits) -> HealthReport:
            raise error

        return test

    return make


@pytest.fixture
def signer() -> FileSigner:
    """The key that the policy `demanding` trusts."""
    return FileSigner(Ed25519PrivateKey.from_private_bytes(b"k" * 32))


@pytest.fixture
def demanding(signer: FileSigner) -> TrustPolicy:
    """A policy that runs signed bundles alone."""
    key = key_row(signer.public_key)
    keyring = Keyring(version=1, root_threshold=1, root=(key,), release_threshold=1, release=(key,))
    return TrustPolicy(keyring=keyring)
