"""Going back to an older bundle, from the grant to the open bundle and forward again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import sonoedge
from sonoedge.bundle import read_bundle
from sonoedge.bundle.identity import manifest_text
from sonoedge.bundle.signing import sign_bundle
from sonoedge.errors import NotThisDevice, RollbackRefused
from sonoedge.settings import plain
from sonoedge.trust.grant import Grant, seal_grant
from sonoedge.trust.grant_folder import GrantFolder
from sonoedge.trust.policy import TrustPolicy
from sonoedge.trust.rollover import first_keyring
from sonoedge.trust.signing import FileSigner


@pytest.fixture
def old(tiny: Path, tmp_path: Path, signer: Callable[[str], FileSigner]) -> Path:
    """A signed bundle of security version 0."""
    folder = Path(shutil.copytree(tiny, tmp_path / "old"))
    sign_bundle(folder, [signer("release-a")])
    return folder


@pytest.fixture
def new(tiny: Path, tmp_path: Path, signer: Callable[[str], FileSigner]) -> Path:
    """The same of security version 3."""
    folder = Path(shutil.copytree(tiny, tmp_path / "new"))
    manifest = read_bundle(folder, trust=TrustPolicy()).manifest
    (folder / "manifest.json").write_text(
        manifest_text(plain(replace(manifest, security_version=3)))
    )
    sign_bundle(folder, [signer("release-a")])
    return folder


@pytest.fixture
def policy(sealed_keyring: Callable[..., bytes], tmp_path: Path) -> TrustPolicy:
    """A device that runs security version 2 or newer."""
    (tmp_path / "grants").mkdir()
    keyring = first_keyring(sealed_keyring(["root-a"], floors={"dark-spots": 2}), "v1")
    return TrustPolicy(keyring=keyring, grants=GrantFolder(tmp_path / "grants", "cart-7"))


@pytest.fixture
def grant(old: Path, tmp_path: Path, signer: Callable[[str], FileSigner]) -> Callable[..., None]:
    def grant(counter: int = 1, device: str = "cart-7") -> None:
        sha256 = read_bundle(old, trust=TrustPolicy()).manifest_sha256
        content = Grant(device=device, manifest_sha256=sha256, counter=counter)
        file = tmp_path / "grants" / f"{counter}.grant.json"
        file.write_bytes(seal_grant(content, [signer("root-a")]))

    return grant


def test_below_the_floor_a_grant_is_needed(
    old: Path, new: Path, policy: TrustPolicy, grant: Callable[..., None]
) -> None:
    with pytest.raises(RollbackRefused, match=r"runs 2 or newer.*no grant"):
        sonoedge.open(old, trust=policy)
    grant(device="cart-8")
    with pytest.raises(NotThisDevice, match=r"runs 2 or newer.*cart-8"):
        sonoedge.open(old, trust=policy)
    with pytest.raises(RollbackRefused):
        sonoedge.open(old, trust=replace(policy, grants=None))
    with sonoedge.open(new, trust=policy) as analyser:
        assert analyser.origin.bundle_id


def test_looking_at_a_bundle_uses_no_grant_up_and_says_by_which_it_may_run(
    old: Path, policy: TrustPolicy, grant: Callable[..., None], tmp_path: Path
) -> None:
    grant()
    admission = read_bundle(old, trust=policy).vouched.admission
    assert admission is not None
    assert admission.floor == 2
    assert admission.grant is not None
    assert admission.grant.counter == 1
    assert not (tmp_path / "grants" / "used.json").exists()


@pytest.mark.req("R26")
def test_a_granted_bundle_runs_until_the_device_goes_forward(
    old: Path, new: Path, policy: TrustPolicy, grant: Callable[..., None]
) -> None:
    grant()
    for _ in range(2):  # a restart is no second use
        with sonoedge.open(old, trust=policy) as analyser:
            assert analyser.origin.bundle_id
    with sonoedge.live(old, isolation="thread", trust=policy) as session:
        assert session.threshold > 0
    with sonoedge.open(new, trust=policy):
        pass
    for begin in (sonoedge.open, sonoedge.live):
        with pytest.raises(RollbackRefused, match="grant 1 was used"):
            begin(old, trust=policy)
    grant(counter=2)
    with sonoedge.live(old, isolation="thread", trust=policy):
        pass


def test_a_live_session_of_a_newer_bundle_ends_a_grant_too(
    old: Path, new: Path, policy: TrustPolicy, grant: Callable[..., None]
) -> None:
    grant()
    with sonoedge.open(old, trust=policy):
        pass
    with sonoedge.live(new, isolation="thread", trust=policy):
        pass
    with pytest.raises(RollbackRefused, match="grant 1 was used"):
        sonoedge.open(old, trust=policy)


def test_a_newer_bundle_that_does_not_open_ends_no_grant(
    old: Path, new: Path, policy: TrustPolicy, grant: Callable[..., None]
) -> None:
    grant()
    with sonoedge.open(old, trust=policy):
        pass
    (new / "verification.json").write_text("{}")
    for begin in (sonoedge.open, sonoedge.live):
        with pytest.raises(sonoedge.SonoedgeError):
            begin(new, trust=policy)
    with sonoedge.open(old, trust=policy) as analyser:
        assert analyser.origin.bundle_id


def test_a_grant_lets_no_bundle_run_that_is_not_signed_or_was_withdrawn(
    old: Path,
    policy: TrustPolicy,
    grant: Callable[..., None],
    sealed_keyring: Callable[..., bytes],
) -> None:
    grant()
    sha256 = read_bundle(old, trust=TrustPolicy()).manifest_sha256
    blocked = sealed_keyring(["root-a"], floors={"dark-spots": 2}, blocked=[sha256])
    with pytest.raises(sonoedge.SonoedgeError, match="withdrawn"):
        sonoedge.open(old, trust=replace(policy, keyring=first_keyring(blocked, "v1")))
    (old / "manifest.dsse.json").unlink()
    with pytest.raises(sonoedge.SonoedgeError, match="signed bundles only"):
        sonoedge.open(old, trust=policy)
