"""Who signs: a private key in a file, or a command that asks a hardware module.

A private key never passes through a bundle, and with a command never through this program.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from sonoedge.bounded_read import read_bounded
from sonoedge.errors import InvalidSettings, MissingDependency, TrustError
from sonoedge.outputs.new_file import write_new
from sonoedge.trust.envelope import Signature, pre_authentication_encoding
from sonoedge.trust.keys import SIGNATURE_BYTES, PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

COMMAND_TIMEOUT_S: Final = 120.0  # somebody may have to touch a token
MOST_PEM_BYTES: Final = 1 << 16


class Signer(Protocol):
    """Signs payloads; its public key says who it is."""

    @property
    def public_key(self) -> PublicKey: ...

    def sign(self, kind: str, payload: bytes) -> Signature:
        """A signature of these bytes as this kind.

        Raises:
            TrustError: it cannot be made.
        """
        ...


class FileSigner:
    """A private key in memory, as `read_private_key` gives it."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._public = PublicKey(private.public_key().public_bytes_raw())

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        return self._public

    def sign(self, kind: str, payload: bytes) -> Signature:
        """A signature of these bytes as this kind."""
        message = pre_authentication_encoding(kind, payload)
        return Signature(key_id=self._public.id, value=self._private.sign(message))


class CommandSigner:
    """A command that takes the message on its input and gives 64 bytes on its output.

    Args:
        command: program and arguments; it is run without a shell.
        public_key: the key that the command signs with.
    """

    def __init__(self, command: Sequence[str], public_key: PublicKey) -> None:
        self._command, self._public = list(command), public_key

    @property
    def public_key(self) -> PublicKey:
        """The key that the command signs with."""
        return self._public

    def sign(self, kind: str, payload: bytes) -> Signature:
        """Ask the command, and check what it gives.

        Raises:
            TrustError: it fails, takes too long, or signs with another key.
        """
        message = pre_authentication_encoding(kind, payload)
        name = self._command[0]
        try:
            done = subprocess.run(
                self._command,
                input=message,
                stdout=subprocess.PIPE,
                timeout=COMMAND_TIMEOUT_S,
                check=False,
            )
        except OSError as error:
            raise TrustError(f"{name} cannot be run: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise TrustError(f"{name} did not sign within {COMMAND_TIMEOUT_S:.0f} s") from None
        if done.returncode != 0:
            raise TrustError(f"{name} ended with exit code {done.returncode}")
        if len(done.stdout) != SIGNATURE_BYTES:
            raise TrustError(f"{name} gave {len(done.stdout)} bytes; a signature has 64")
        if not self._public.holds(done.stdout, message):
            raise TrustError(f"{name} signed with another key than {self._public.id[:16]}")
        return Signature(key_id=self._public.id, value=done.stdout)


def generate_key_pair(path: Path) -> PublicKey:
    """Write a new private key (PKCS #8, PEM, readable by its owner alone) and its public half.

    Args:
        path: the private key's file; the public key lies beside it, with `.pub.pem`.

    Raises:
        OutputError: a file exists already or cannot be written.
        MissingDependency: the package cryptography is not installed.
    """
    _needs_cryptography()
    from cryptography.hazmat.primitives import serialization as pem
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    secret = private.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    public = private.public_key().public_bytes(
        pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo
    )
    never = "keys are never overwritten"
    write_new(path, secret, 0o600, instead=never)
    write_new(public_path(path), public, 0o644, instead=never)
    return PublicKey(private.public_key().public_bytes_raw())


def public_path(path: Path) -> Path:
    """Where the public half of a private key's file lies."""
    return path.with_name(f"{path.stem}.pub.pem")


def read_private_key(path: Path) -> FileSigner:
    """Read a private key from a PEM file.

    Raises:
        InvalidSettings: it is no Ed25519 private key, or is protected by a passphrase.
        MissingDependency: the package cryptography is not installed.
    """
    _needs_cryptography()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    data = _read(path)
    try:
        private = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidSettings(
            f"{path.name} is not a private key in PEM form without a passphrase"
        ) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise InvalidSettings(f"{path.name} is not an Ed25519 key; make one: sonoedge keygen")
    return FileSigner(private)


def read_public_key(path: Path) -> PublicKey:
    """Read a public key from a PEM file.

    Raises:
        InvalidSettings: it is no Ed25519 public key, or a weak one.
        MissingDependency: the package cryptography is not installed.
    """
    _needs_cryptography()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    data = _read(path)
    try:
        public = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidSettings(f"{path.name} is not a public key in PEM form") from None
    if not isinstance(public, Ed25519PublicKey):
        raise InvalidSettings(f"{path.name} is not an Ed25519 key; make one: sonoedge keygen")
    return PublicKey(public.public_bytes_raw())


def _read(path: Path) -> bytes:
    try:
        return read_bounded(path, MOST_PEM_BYTES)
    except OSError as error:
        raise InvalidSettings(f"{path.name} cannot be read: {error.strerror}") from None


def _needs_cryptography() -> None:
    try:
        import cryptography  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "signatures need the package cryptography; run: pip install cryptography"
        ) from error
