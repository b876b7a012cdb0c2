"""The installed keyrings: `1.keyring.json` from the firmware, and each that followed it.

All are kept: a device restored from the firmware's image follows the chain again.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from sonoedge.bounded_read import read_regular
from sonoedge.durable import replace_durably
from sonoedge.errors import SignatureInvalid, TrustError
from sonoedge.trust.envelope import MOST_BYTES
from sonoedge.trust.keyring import Keyring
from sonoedge.trust.rollover import first_keyring, next_keyring

_NAME: Final = re.compile(r"([1-9][0-9]{0,9})\.keyring\.json")


def read_keyrings(folder: Path, first_sha256: str | None = None) -> Keyring:
    """The newest of a folder's keyrings, each followed from the one before.

    Args:
        first_sha256: of the first keyring's file, from where nobody but the firmware writes: the
            folder may then be one that others can write. None takes the first one as it is.

    Raises:
        TrustError: the folder cannot be read, holds no first keyring, or misses one between.
        SignatureInvalid, RollbackRefused: a keyring does not follow the one before, or the first
            one is another.
    """
    files = _files(folder)
    if not files or list(files) != list(range(min(files), max(files) + 1)):
        raise TrustError(
            f"{folder} must hold N.keyring.json without a gap; it has "
            f"{', '.join(map(str, files)) or 'none'}"
        )
    first, *later = files.values()
    data = _read(first)
    if first_sha256 not in (None, hashlib.sha256(data).hexdigest()):
        raise SignatureInvalid(
            f"{first.name} is not the first keyring that this device's trust.json names by its "
            "SHA-256; restore the firmware's keyrings"
        )
    keyring = first_keyring(data, first.name)
    if keyring.version != min(files):
        raise TrustError(f"{first.name} is keyring version {keyring.version}")
    for path in later:
        keyring = next_keyring(keyring, _read(path), path.name)
    return keyring


def install_keyring(folder: Path, data: bytes, name: str) -> Keyring:
    """Take a keyring that follows the newest installed one.

    Args:
        name: where it came from, for messages.

    Raises:
        TrustError: the folder cannot be read or written.
        SignatureInvalid, RollbackRefused: it does not follow; nothing was written.
    """
    keyring = next_keyring(read_keyrings(folder), data, name)
    path = folder / f"{keyring.version}.keyring.json"
    try:
        replace_durably(path, data)
    except OSError as error:
        raise TrustError(f"{path.name} cannot be written: {error.strerror}") from None
    return keyring


def _files(folder: Path) -> dict[int, Path]:
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise TrustError(
            f"the folder of keyrings, {str(folder)!r}, cannot be read: {error.strerror}; install "
            "keyrings there (sonoedge keyring update), or name another one in the policy file"
        ) from None
    matches = [match for name in names if (match := _NAME.fullmatch(name))]
    return {n: folder / f"{n}.keyring.json" for n in sorted(int(m[1]) for m in matches)}


def _read(path: Path) -> bytes:
    try:
        return read_regular(path, MOST_BYTES)
    except OSError as error:
        raise TrustError(f"{path.name} cannot be read: {error.strerror}") from None
