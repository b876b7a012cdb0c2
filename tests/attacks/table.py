"""What an attacker does, and the error that a device answers with: one row each."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from attacks.device import PRODUCT, TINY, Device, row, sealed, signer
from attacks.onnx_fields import PLACES, external_tensor
from sonoedge.errors import (
    DigestMismatch,
    InvalidManifest,
    KeyRevoked,
    KeyUnknown,
    NotThisDevice,
    RollbackRefused,
    SignatureInvalid,
    SignatureMissing,
    SonoedgeError,
    TrustError,
    UnsafeContent,
)
from sonoedge.trust.admission import settle_grants
from sonoedge.trust.envelope import Signature, seal
from sonoedge.trust.grant import KIND as GRANT
from sonoedge.trust.keyring import KIND as KEYRING
from sonoedge.trust.manifest_signature import KIND as MANIFEST
from sonoedge.trust.policy import read_policy

Attack = Callable[[Device], object]
GRAPH: Final = "graphs/fp32.onnx"
FILES: Final = tuple(sorted(json.loads((TINY / "manifest.json").read_bytes())["files"]))
A_AND_B: Final = [row("release-a"), row("release-b")]


def _twice(device: Device) -> None:
    device.keyring(release=A_AND_B, release_threshold=2)
    fields = json.loads(device.envelope.read_bytes())
    fields["signatures"] *= 2
    device.envelope.write_text(json.dumps(fields))


def _other_id(device: Device) -> None:
    """The one signature once more, under the other key's id."""
    device.keyring(release=A_AND_B, release_threshold=2)
    payload = (device.bundle / "manifest.json").read_bytes()
    mine = signer("release-a").sign(MANIFEST, payload)
    claimed = Signature(key_id=signer("release-b").public_key.id, value=mine.value)
    device.envelope.write_bytes(seal(MANIFEST, payload, [mine, claimed]))


def _weak(device: Device) -> None:
    """A point of order 1: the signature of zeros verifies under it."""
    public = bytes([1]) + bytes(31)
    weak = {"keyid": hashlib.sha256(public).hexdigest(), "public": public.hex()}
    device.keyring(release=[row("release-a"), weak])
    payload = (device.bundle / "manifest.json").read_bytes()
    forged = Signature(key_id=weak["keyid"], value=public + bytes(32))
    device.envelope.write_bytes(seal(MANIFEST, payload, [forged]))


def _threshold_raised(data: dict[str, dict[str, float]]) -> None:
    data["postprocess"]["flag_threshold"] = data["operating_point"]["threshold"] = 0.99


def _edited(device: Device) -> None:
    """The manifest as its own writer would write it, and the envelope of the one before."""
    envelope = device.envelope.read_bytes()
    device.manifest(_threshold_raised)
    device.envelope.write_bytes(envelope)


def _stranger(device: Device) -> None:
    device.manifest(_threshold_raised, "stranger")


def _files_of_another(device: Device) -> None:
    """Another bundle of the same maker lies under the names of this one."""
    file = device.bundle / GRAPH
    file.write_bytes(file.read_bytes()[::-1])


def _sixteen_and_one(device: Device) -> None:
    device.sign("release-a", *(f"stranger-{n}" for n in range(16)))


def _older(device: Device, **more: object) -> None:
    device.keyring(floors={PRODUCT: 2}, **more)


def _replayed(device: Device) -> None:
    """Back by a grant, forward again, and back by the same grant."""
    _older(device)
    device.grant(1)
    old = shutil.copytree(device.bundle, device.place / "old")
    device.use()
    device.manifest(lambda data: data.update(security_version=2))
    settle_grants(device.use().vouched.admission, read_policy(device.place / "trust.json"))
    shutil.rmtree(device.bundle)
    shutil.move(old, device.bundle)


def _granted(**more: str) -> Attack:
    def attack(device: Device) -> None:
        _older(device)
        device.grant(1, **more)

    return attack


def _lost_record(device: Device) -> None:
    _granted()(device)
    (device.place / "grants" / "used.json").write_bytes(b"{")


def _skipped(device: Device) -> None:
    """A keyring of version 3 in the place of version 2."""
    device.keyring(3)
    (device.place / "keyrings" / "3.keyring.json").rename(
        device.place / "keyrings" / "2.keyring.json"
    )


def _keyring_removed(device: Device) -> None:
    device.keyring(2, revoked=[row("release-a")["keyid"]], release=A_AND_B)
    with contextlib.suppress(KeyRevoked):
        device.use()
    (device.place / "keyrings" / "2.keyring.json").unlink()


def _own_chain(device: Device) -> None:
    policy = (device.place / "trust.json").read_bytes()
    device.keyring(root=[row("thief")], by=["thief"], release=[row("thief")])
    (device.place / "trust.json").write_bytes(policy)  # which lies where the thief cannot write
    device.sign("thief")


def _keyring_as_manifest(device: Device) -> None:
    device.keyring(root=[row("release-a")], by=["release-a"])
    device.sign("release-a", kind=KEYRING)


def _manifest_as_keyring(device: Device) -> None:
    file = device.place / "keyrings" / "2.keyring.json"
    file.write_bytes(sealed(MANIFEST, b"{}", ["root-a"]))


def _changed(path: str, change: Callable[[bytes], bytes]) -> Attack:
    def attack(device: Device) -> None:
        file = device.bundle / path
        file.write_bytes(change(file.read_bytes()))

    return attack


def _in_the_place_of(path: str, make: Callable[[Path, bytes], object]) -> Attack:
    def attack(device: Device) -> None:
        file = device.bundle / path
        content = file.read_bytes()
        file.unlink()
        make(file, content)

    return attack


def _linked(file: Path, content: bytes) -> None:
    elsewhere = file.parents[2] / "elsewhere"
    elsewhere.write_bytes(content)
    file.symlink_to(elsewhere)


def _sparse(file: Path, content: bytes) -> None:
    with file.open("wb") as out:
        out.write(content)
        out.truncate(64 << 30)


def _external(place: str) -> Attack:
    """Signed by a trusted key, digests right: a maker's own mistake must not pass either."""
    graph = (TINY / GRAPH).read_bytes()
    return lambda device: device.replace(GRAPH, graph + external_tensor(place))


def _two_files(device: Device) -> None:
    """An OpenVINO graph and its weights, and then other weights."""
    for name, content in {"ir.xml": b"<?xml version='1.0'?><net/>", "ir.bin": b"weights"}.items():
        (device.bundle / "graphs" / name).touch()
        device.replace(f"graphs/{name}", content)

    def two(data: dict[str, list[dict[str, str]]]) -> None:
        (variant,) = (v for v in data["variants"] if v["runtime"] == "openvino")
        variant |= {"model": "graphs/ir.xml", "weights": "graphs/ir.bin"}

    device.manifest(two)
    device.use()
    (device.bundle / "graphs" / "ir.bin").write_bytes(b"Weights")


SIGNATURES: Final[Mapping[str, tuple[Attack, type[SonoedgeError]]]] = {
    "unsigned": (lambda d: d.envelope.unlink(), SignatureMissing),
    "signed by a stranger": (_stranger, KeyUnknown),
    "signed by a root key": (lambda d: d.sign("root-a"), KeyUnknown),
    "signed by a revoked key": (
        lambda d: d.keyring(revoked=[row("release-a")["keyid"]]), KeyRevoked
    ),
    "withdrawn by its maker": (
        lambda d: d.keyring(blocked=[d.use().manifest_sha256]), KeyRevoked
    ),
    "signed by a development key": (
        lambda d: d.keyring(release=[row("release-a", role="dev")]), KeyUnknown
    ),
    "signed by another product's key": (
        lambda d: d.keyring(release=[row("release-a", products=["thyroid"])]), KeyUnknown
    ),
    "one of two signatures": (
        lambda d: d.keyring(release=A_AND_B, release_threshold=2), KeyUnknown
    ),
    "the same signature twice": (_twice, KeyUnknown),
    "one signature under two ids": (_other_id, KeyUnknown),
    "one key under two ids in the keyring": (
        lambda d: d.keyring(release=[row("release-a"), row("release-a") | {"keyid": "0" * 64}]),
        SignatureInvalid,
    ),
    "a weak key in the keyring": (_weak, SignatureInvalid),
    "17 signatures": (_sixteen_and_one, SignatureInvalid),
    "signed as a keyring": (_keyring_as_manifest, SignatureInvalid),
    "signed as a grant": (lambda d: d.sign("release-a", kind=GRANT), SignatureInvalid),
    "a manifest edited after it was signed": (_edited, SignatureInvalid),
    "an empty envelope": (lambda d: d.envelope.write_bytes(b""), SignatureInvalid),
    "an envelope nested deep": (lambda d: d.envelope.write_bytes(b"{" * 100_000), SignatureInvalid),
    "an envelope of 4 MB": (lambda d: d.envelope.write_bytes(bytes(4 << 20)), UnsafeContent),
    "files of another bundle": (_files_of_another, DigestMismatch),
}  # fmt: skip

VERSIONS: Final[Mapping[str, tuple[Attack, type[SonoedgeError]]]] = {
    "an older security version": (_older, RollbackRefused),
    "a security version of 2^63": (
        lambda d: d.manifest(lambda data: data.update(security_version=2**63)), InvalidManifest
    ),
    "a negative security version": (
        lambda d: d.manifest(lambda data: data.update(security_version=-1)), InvalidManifest
    ),
    "a floor of 2^63": (lambda d: d.keyring(floors={PRODUCT: 2**63}), SignatureInvalid),
    "floors that are damaged": (
        lambda d: (d.place / "floors.json").write_bytes(b"{"), TrustError
    ),
    "a replayed grant": (_replayed, RollbackRefused),
    "a grant for another device": (_granted(device="cart-8"), NotThisDevice),
    "a grant of a release key": (_granted(by="release-a"), RollbackRefused),
    "a grant, and its record damaged": (_lost_record, TrustError),
}  # fmt: skip

KEYRINGS: Final[Mapping[str, tuple[Attack, type[SonoedgeError]]]] = {
    "version 3 on version 1": (_skipped, RollbackRefused),
    "version 2 missing": (lambda d: d.keyring(3), TrustError),
    "the next one signed by the new root key alone": (
        lambda d: d.keyring(2, ["root-b"], root=[row("root-b")]), SignatureInvalid
    ),
    "the next one signed by the old root key alone": (
        lambda d: d.keyring(2, ["root-a"], root=[row("root-b")]), SignatureInvalid
    ),
    "the next one signed by a release key": (lambda d: d.keyring(2, ["release-a"]),
                                             SignatureInvalid),
    "a threshold of 0": (lambda d: d.keyring(2, release_threshold=0), SignatureInvalid),
    "17 signatures of a keyring": (
        lambda d: d.keyring(2, ["root-a", *(f"x{n}" for n in range(16))]), SignatureInvalid
    ),
    "a manifest in its place": (_manifest_as_keyring, SignatureInvalid),
    "a newer one removed, and its revocation with it": (_keyring_removed, RollbackRefused),
    "a chain of a thief's own": (_own_chain, SignatureInvalid),
    "none": (lambda d: (d.place / "keyrings" / "1.keyring.json").unlink(), TrustError),
    "a policy that is damaged": (lambda d: (d.place / "trust.json").write_bytes(b"{"), TrustError),
}  # fmt: skip

CONTENT: Final[Mapping[str, tuple[Attack, type[SonoedgeError]]]] = {
    **{f"{path} cut": (_changed(path, lambda b: b[:-1]), DigestMismatch) for path in FILES},
    **{f"{path} grown": (_changed(path, lambda b: b + b"x"), DigestMismatch) for path in FILES},
    **{
        f"{path} with a bit changed":
            (_changed(path, lambda b: b[:-1] + bytes([b[-1] ^ 1])), DigestMismatch)
        for path in FILES
    },
    **{
        f"{path} gone": (lambda d, p=path: (d.bundle / p).unlink(), DigestMismatch)  # type: ignore[misc]
        for path in FILES
    },
    **{
        f"{path} as {kind}": (_in_the_place_of(path, make), error)
        for path in (GRAPH, "manifest.dsse.json", "manifest.json")
        for kind, make, error in (
            ("a link", _linked, InvalidManifest if path == "manifest.json" else UnsafeContent),
            ("a pipe", lambda f, _: os.mkfifo(f),
             InvalidManifest if path == "manifest.json" else UnsafeContent),
            ("a device", lambda f, _: f.symlink_to("/dev/zero"),
             InvalidManifest if path == "manifest.json" else UnsafeContent),
            ("64 GB of nothing", _sparse,
             {GRAPH: DigestMismatch, "manifest.json": InvalidManifest}.get(path, UnsafeContent)),
        )
    },
    **{f"external data in {place}": (_external(place), UnsafeContent) for place in PLACES},
    "an OpenVINO graph with other weights": (_two_files, DigestMismatch),
}  # fmt: skip

ATTACKS: Final = {
    **{f"bundle: {name}": attack for name, attack in SIGNATURES.items()},
    **{f"version: {name}": attack for name, attack in VERSIONS.items()},
    **{f"keyring: {name}": attack for name, attack in KEYRINGS.items()},
    **{f"content: {name}": attack for name, attack in CONTENT.items()},
}
