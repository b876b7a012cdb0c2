"""Sign a bundle: an envelope over its manifest's bytes, beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sonoedge.bundle import read_bundle
from sonoedge.durable import replace_durably
from sonoedge.errors import InvalidSettings, OutputError, SignatureInvalid
from sonoedge.trust.envelope import MOST_BYTES, Signature, read_envelope, seal, verify
from sonoedge.trust.manifest_signature import ENVELOPE, KIND
from sonoedge.trust.policy import TrustPolicy
from sonoedge.trust.signing import Signer


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
    earlier = bundle.open_folder.read_if_there(ENVELOPE, MOST_BYTES)
    if earlier is not None and not add:
        raise InvalidSettings(f"the bundle has {ENVELOPE} already; --add adds a signature")
    signatures = {} if earlier is None else {s.key_id: s for s in _kept(earlier, manifest)}
    signatures |= {s.key_id: s for s in (signer.sign(KIND, manifest) for signer in signers)}
    _write(folder / ENVELOPE, seal(KIND, manifest, signatures.values()))
    return tuple(sorted(signatures))


def _kept(data: bytes, manifest: bytes) -> tuple[Signature, ...]:
    """The signatures of an envelope of this very manifest."""
    envelope = read_envelope(data, ENVELOPE)
    verify(envelope, KIND, (), ENVELOPE)
    if envelope.payload != manifest:
        raise SignatureInvalid(
            f"{ENVELOPE} signs another manifest than the one beside it; remove it first"
        )
    return envelope.signatures


def _write(path: Path, data: bytes) -> None:
    try:
        replace_durably(path, data)
    except OSError as error:
        raise OutputError(f"{path.name} cannot be written: {error.strerror}") from None
