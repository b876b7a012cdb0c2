"""A device made of folders: its policy, keyrings, floors and grants, and a signed bundle."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sonoedge.bundle import Bundle, read_bundle
from sonoedge.bundle.identity import manifest_text
from sonoedge.trust.admission import use_grant
from sonoedge.trust.envelope import seal
from sonoedge.trust.grant import KIND as GRANT
from sonoedge.trust.keyring import KIND as KEYRING
from sonoedge.trust.manifest_signature import ENVELOPE
from sonoedge.trust.manifest_signature import KIND as MANIFEST
from sonoedge.trust.policy import read_policy
from sonoedge.trust.signing import FileSigner

TINY = Path(__file__).parents[1] / "data" / "tiny"
PRODUCT = "dark-spots"


def signer(name: str) -> FileSigner:
    """A key pair by its name, the same in every run."""
    return FileSigner(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()))


def row(name: str, **more: Any) -> dict[str, Any]:
    """A key as a keyring lists it."""
    key = signer(name).public_key
    return {"keyid": key.id, "public": key.raw.hex(), "scheme": "ed25519", **more}


def sealed(kind: str, payload: bytes, names: Sequence[str]) -> bytes:
    """An envelope, and the names of who signed it."""
    return seal(kind, payload, [signer(name).sign(kind, payload) for name in names])


@dataclass(frozen=True)
class Device:
    """What an attacker changes; `use` is what the device then does.

    Attributes:
        place: holds all of it.
    """

    place: Path

    @property
    def bundle(self) -> Path:
        """A bundle, signed by the key release-a."""
        return self.place / "bundle"

    @property
    def envelope(self) -> Path:
        """That of the bundle's manifest."""
        return self.bundle / ENVELOPE

    def keyring(self, version: int = 1, by: Sequence[str] = ("root-a",), **changes: Any) -> None:
        """Install a keyring, signed by the root keys named, whatever it says.

        A first one comes with the firmware, whose trust.json pins it.
        """
        fields = {
            "version": version,
            "root_threshold": 1,
            "root": [row("root-a")],
            "release_threshold": 1,
            "release": [row("release-a")],
        } | changes
        file = self.place / "keyrings" / f"{version}.keyring.json"
        file.write_bytes(sealed(KEYRING, json.dumps(fields).encode(), by))
        if version == 1:
            self.policy(first_keyring=hashlib.sha256(file.read_bytes()).hexdigest())

    def policy(self, **changes: object) -> None:
        """Change trust.json."""
        file = self.place / "trust.json"
        file.write_text(json.dumps(json.loads(file.read_bytes()) | changes))

    def sign(self, *names: str, kind: str = MANIFEST) -> None:
        """Sign the bundle's manifest as it lies there."""
        payload = (self.bundle / "manifest.json").read_bytes()
        self.envelope.write_bytes(sealed(kind, payload, names))

    def manifest(self, change: Callable[[dict[str, Any]], object], *names: str) -> None:
        """Change the manifest, its own id right again, and let these keys sign it."""
        data = json.loads((self.bundle / "manifest.json").read_bytes())
        change(data)
        (self.bundle / "manifest.json").write_text(manifest_text(data))
        self.sign(*(names or ("release-a",)))

    def replace(self, path: str, content: bytes) -> None:
        """Replace a file, its digest right again, and signed by the release key."""
        (self.bundle / path).write_bytes(content)
        digest = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        self.manifest(lambda data: data["files"].update({path: digest}))

    def grant(self, counter: int, device: str = "cart-7", by: str = "root-a") -> None:
        """Bring a grant for the bundle as it lies there."""
        sha256 = hashlib.sha256((self.bundle / "manifest.json").read_bytes()).hexdigest()
        fields = {"device": device, "manifest_sha256": sha256, "counter": counter}
        file = self.place / "grants" / f"{counter}.grant.json"
        file.write_bytes(sealed(GRANT, json.dumps(fields).encode(), [by]))

    def use(self) -> Bundle:
        """All that a device does before an engine sees a byte.

        Raises:
            SonoedgeError: what it refuses.
        """
        policy = read_policy(self.place / "trust.json")
        bundle = read_bundle(self.bundle, trust=policy)
        bundle.check()
        use_grant(bundle.vouched.admission, policy)
        bundle.golden_frames()
        for variant in bundle.manifest.variants:
            bundle.read_model(variant)
            bundle.golden_answers(variant)
        return bundle


def make_device(place: Path) -> Device:
    """A device that trusts its bundle."""
    device = Device(place)
    for name in ("keyrings", "grants"):
        (place / name).mkdir(parents=True)
    shutil.copytree(TINY, device.bundle)
    device.sign("release-a")
    fields = {name: str(place / name) for name in ("keyrings", "grants")}
    fields |= {"floors": str(place / "floors.json"), "device": "cart-7"}
    (place / "trust.json").write_text(json.dumps(fields))
    device.keyring()
    return device
