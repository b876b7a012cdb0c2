"""Every bit of a signed manifest and its envelope changed, and every length cut: none passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from attacks.device import Device
from sonoedge.errors import TrustError
from sonoedge.trust.manifest_signature import check_signature
from sonoedge.trust.policy import read_policy


@dataclass(frozen=True)
class Count:
    """Attacks made, and those that passed."""

    attacks: int
    passed: tuple[str, ...]


def bits_and_cuts(device: Device, step: int = 1) -> Count:
    """Change each bit, and cut at each byte, one at a time.

    Args:
        step: only each so-many-th of them.
    """
    policy = read_policy(device.place / "trust.json")
    manifest = (device.bundle / "manifest.json").read_bytes()
    envelope = device.envelope.read_bytes()
    check_signature(manifest, envelope, policy)  # as it is, it passes
    passed, attacks = [], 0
    for what, text, signed in _attacks(manifest, envelope, step):
        attacks += 1
        try:
            check_signature(text, signed, policy)
        except TrustError:
            continue
        passed.append(what)
    return Count(attacks, tuple(passed))


def _attacks(manifest: bytes, envelope: bytes, step: int) -> Iterator[tuple[str, bytes, bytes]]:
    for name, data in (("envelope", envelope), ("manifest", manifest)):
        for bit in range(0, len(data) * 8, step):
            bent = bytearray(data)
            bent[bit // 8] ^= 1 << bit % 8
            yield f"bit {bit} of the {name}", *_pair(name, bytes(bent), manifest, envelope)
        for size in range(0, len(data), step):
            yield f"{name} cut at {size}", *_pair(name, data[:size], manifest, envelope)


def _pair(name: str, data: bytes, manifest: bytes, envelope: bytes) -> tuple[bytes, bytes]:
    return (manifest, data) if name == "envelope" else (data, envelope)
