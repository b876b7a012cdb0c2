"""Sign a bundle: an envelope over its manifest's bytes, beside them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sonoedge.bundle import read_bundle
from sonoedge.errors import InvalidSettings, OutputError, SignatureInvalid
from sonoedge.trust.envelope import Envelope, Signature, read_envelope, seal, verify
from sonoedge.trust.manifest_signature import ENVELOPE, KIND
from sonoedge.trust.policy import TrustPolicy
from sonoedge.trust.signing import Signer

MANIFEST: Final = "manifest.json"


def sign_bundle(folder: Path, signers: Sequence[Signer], *, add: bool = False) -> tuple[str, ...]:
    """Sign a bundle whose every file fits its manifest.

    Args:
        folder: the bundle.
        signers: who signs.
        add: keep the signatures that are there, where a threshold asks for several keys.

    Returns:
        the ids of all keys whose signatures the envelope holds now.

    Raises:
        BundleError: the bundle is damaged: nothing is signed.
        InvalidSettings: nobody signs, or the bundle is signed already and `add` is not given.
        SignatureInvalid: the envelope that is there is of another manifest.
        OutputError: the envelope cannot be written.
        TrustError: a signer failed.
    """
    if not signers:
        raise InvalidSettings("nobody signs: name a key")
    bundle = read_bundle(folder, trust=TrustPolicy())  # whoever signs is who decides
    bundle.check()
    manifest = bundle.vouched.payload
    path = folder / ENVELOPE
    kept: tuple[Signature, ...] = ()
    if path.exists():
        if not add:
            raise InvalidSettings(f"the bundle has {ENVELOPE} already; --add adds a signature")
        kept = _kept(path, manifest)
    signatures = {s.key_id: s for s in kept}
    signatures |= {s.key_id: s for s in (signer.sign(KIND, manifest) for signer in signers)}
    _write(path, seal(KIND, manifest, signatures.values()))
    return tuple(sorted(signatures))


def _kept(path: Path, manifest: bytes) -> tuple[Signature, ...]:
    envelope: Envelope = read_envelope(path.read_bytes(), ENVELOPE)
    verify(envelope, KIND, (), ENVELOPE)
    if envelope.payload != manifest:
        raise SignatureInvalid(
            f"{ENVELOPE} signs another manifest than the one beside it; remove it first"
        )
    return envelope.signatures


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.new")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise OutputError(f"{path.name} cannot be written: {error.strerror}") from None
