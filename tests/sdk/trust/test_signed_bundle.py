"""A bundle from signing to opening, and what an attacker could do to it in between."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import sonoedge
from sonoedge.bundle import read_bundle
from sonoedge.bundle.signing import sign_bundle
from sonoedge.errors import (
    BundleError,
    DigestMismatch,
    InvalidSettings,
    KeyUnknown,
    RollbackRefused,
    SignatureInvalid,
    SignatureMissing,
    UnsafeContent,
)
from sonoedge.trust.manifest_signature import ENVELOPE
from sonoedge.trust.policy import TrustPolicy
from sonoedge.trust.rollover import first_keyring
from sonoedge.trust.signing import FileSigner

Sealed = Callable[..., bytes]
Row = Callable[..., dict[str, Any]]
Signers = Callable[[str], FileSigner]
Attack = Callable[[Path], object]


@pytest.fixture
def policy(sealed_keyring: Sealed) -> TrustPolicy:
    return TrustPolicy(keyring=first_keyring(sealed_keyring(["root-a"]), "v1"))


@pytest.fixture
def bundle(tiny: Path, tmp_path: Path, signer: Signers) -> Path:
    folder = tmp_path / "bundle"
    shutil.copytree(tiny, folder)
    sign_bundle(folder, [signer("release-a")])
    return folder


def test_a_signed_bundle_opens_and_says_nothing_of_trust(bundle: Path, policy: TrustPolicy) -> None:
    with sonoedge.open(bundle, trust=policy) as analyser:
        assert "signed" not in analyser.choice
    vouched = read_bundle(bundle, trust=policy).vouched
    assert vouched.describe().startswith("signed by ")


def test_without_a_keyring_the_choice_says_that_nobody_vouches(tiny: Path) -> None:
    with sonoedge.open(tiny, trust=TrustPolicy()) as analyser:
        assert "unsigned: nobody vouches" in analyser.choice


def test_a_session_needs_the_same_signatures(tiny: Path, bundle: Path, policy: TrustPolicy) -> None:
    with pytest.raises(SignatureMissing):
        sonoedge.live(tiny, trust=policy)
    for isolation in ("thread", "process"):
        with sonoedge.live(bundle, isolation=isolation, trust=policy) as session:  # type: ignore[arg-type]
            assert session.threshold > 0
            assert "signed" not in session.status().choice


def test_a_second_signature_is_added_and_a_first_never_replaced_by_chance(
    bundle: Path, signer: Signers, sealed_keyring: Sealed, row: Row
) -> None:
    with pytest.raises(InvalidSettings, match="--add"):
        sign_bundle(bundle, [signer("b")])
    assert len(sign_bundle(bundle, [signer("b")], add=True)) == 2
    keys = [row("release-a"), row("b")]
    two = sealed_keyring(["root-a"], release=keys, release_threshold=2)
    policy = TrustPolicy(keyring=first_keyring(two, "v1"))
    assert len(read_bundle(bundle, trust=policy).vouched.keys) == 2


def test_a_damaged_bundle_is_not_signed(tiny: Path, tmp_path: Path, signer: Signers) -> None:
    shutil.copytree(tiny, tmp_path / "b")
    graph = next((tmp_path / "b" / "graphs").iterdir())
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")
    with pytest.raises(DigestMismatch):
        sign_bundle(tmp_path / "b", [signer("release-a")])
    assert not (tmp_path / "b" / ENVELOPE).exists()


@pytest.mark.req("R26")
def test_an_older_security_version_is_refused(
    bundle: Path, sealed_keyring: Sealed, tiny: Path
) -> None:
    name = read_bundle(tiny, trust=TrustPolicy()).manifest.name
    raised = sealed_keyring(["root-a"], floors={name: 1})
    with pytest.raises(RollbackRefused, match="security version 0"):
        read_bundle(bundle, trust=TrustPolicy(keyring=first_keyring(raised, "v1")))


def _threshold_lowered(bundle: Path) -> None:
    """The manifest as its own writer would write it, with another threshold."""
    from sonoedge.bundle.identity import manifest_text

    data = json.loads((bundle / "manifest.json").read_text())
    data["postprocess"]["flag_threshold"] = data["operating_point"]["threshold"] = 0.99
    (bundle / "manifest.json").write_text(manifest_text(data))


def _replaced(name: str) -> Attack:
    def attack(bundle: Path) -> None:
        path = bundle / name
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    return attack


def _as_link(name: str) -> Attack:
    def attack(bundle: Path) -> None:
        shutil.move(bundle / name, bundle.parent / "elsewhere")
        (bundle / name).symlink_to(bundle.parent / "elsewhere")

    return attack


def _as_pipe(name: str) -> Attack:
    def attack(bundle: Path) -> None:
        (bundle / name).unlink()
        os.mkfifo(bundle / name)

    return attack


def _stranger(bundle: Path) -> None:
    envelope = json.loads((bundle / ENVELOPE).read_text())
    envelope["signatures"][0]["keyid"] = "0" * 64
    (bundle / ENVELOPE).write_text(json.dumps(envelope))


@pytest.mark.parametrize(
    ("attack", "error"),
    [
        (lambda b: (b / ENVELOPE).unlink(), SignatureMissing),
        (lambda b: (b / ENVELOPE).write_bytes(b""), SignatureInvalid),
        (lambda b: (b / ENVELOPE).write_bytes(b"{" * 100_000), SignatureInvalid),
        (lambda b: (b / ENVELOPE).write_bytes(bytes(4 << 20)), UnsafeContent),
        (_stranger, KeyUnknown),
        (_threshold_lowered, SignatureInvalid),
        (_replaced("manifest.json"), SignatureInvalid),
        (_as_link("manifest.json"), BundleError),
        (_as_link(ENVELOPE), BundleError),
        (_as_pipe(ENVELOPE), BundleError),
        (_replaced("graphs/fp32.onnx"), DigestMismatch),
        (_as_link("graphs/fp32.onnx"), UnsafeContent),
        (_replaced("golden/frame000.png"), DigestMismatch),
    ],
)
def test_an_attack_on_a_signed_bundle_is_refused_by_name(
    bundle: Path, policy: TrustPolicy, attack: Attack, error: type[Exception]
) -> None:
    attack(bundle)
    with pytest.raises(error):
        sonoedge.open(bundle, trust=policy)


@pytest.mark.req("R25")
def test_every_flipped_bit_of_a_signed_manifest_is_refused(
    bundle: Path, policy: TrustPolicy
) -> None:
    path = bundle / "manifest.json"
    data = path.read_bytes()
    for position in range(0, len(data) * 8, 997):  # each of the eight bits, all over the file
        bent = bytearray(data)
        bent[position // 8] ^= 1 << position % 8
        path.write_bytes(bytes(bent))
        with pytest.raises(SignatureInvalid):
            read_bundle(bundle, trust=policy)


def test_no_other_bundles_files_pass_under_an_envelope(
    bundle: Path, policy: TrustPolicy, tmp_path: Path, signer: Signers, tiny: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiny, other)
    _threshold_lowered(other)
    sign_bundle(other, [signer("stranger")])
    shutil.copy(other / "manifest.json", bundle / "manifest.json")
    with pytest.raises(SignatureInvalid):
        read_bundle(bundle, trust=policy)
    shutil.copy(other / ENVELOPE, bundle / ENVELOPE)
    with pytest.raises(KeyUnknown):
        read_bundle(bundle, trust=policy)


def test_the_signers_are_needed(tiny: Path) -> None:
    nobody: Sequence[FileSigner] = ()
    with pytest.raises(InvalidSettings, match="nobody signs"):
        sign_bundle(tiny, nobody)
