"""Seals: codes under a key that is hashed on and forgotten, so that nobody can rewrite the past.

The scheme is forward-secure sealing (Bellare and Yee 1997; journald has it as well). The device
holds the key of the next seal alone. Whoever keeps the first key elsewhere can compute them all.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sonoedge.audit.chain import ZERO
from sonoedge.audit.kinds import DIGEST
from sonoedge.audit.record import Record, encode
from sonoedge.bounded_read import read_bounded
from sonoedge.durable import replace_durably
from sonoedge.errors import AuditBroken, InvalidSettings
from sonoedge.settings import read
from sonoedge.strict_json import parse_json

KEY_FILE: Final = "seal.key"
KEY_BYTES: Final = 32
MOST_KEY_FILE: Final = 1024
_CONTEXT: Final = b"sonoedge audit seal 1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealKey:
    """The key of one seal.

    Attributes:
        epoch: the seal's number; seals count from 0.
        key: 64 hexadecimal digits.
    """

    epoch: int
    key: str

    def following(self, count: int = 1) -> SealKey:
        """The key of a later seal; there is no way back."""
        key = bytes.fromhex(self.key)
        for _ in range(count):
            key = hashlib.sha256(b"next" + key).digest()
        return SealKey(epoch=self.epoch + count, key=key.hex())

    def code(self, seal: Record) -> str:
        """HMAC-SHA-256 over the seal's record without its code; the chain's hash is in there."""
        blank = replace(seal, values={**seal.values, "mac": ZERO})
        message = _CONTEXT + encode(blank)
        return hmac.new(bytes.fromhex(self.key), message, "sha256").hexdigest()

    def signed(self, seal: Record) -> Record:
        """The seal with its code."""
        return replace(seal, values={**seal.values, "mac": self.code(seal)})

    def holds(self, seal: Record) -> bool:
        """Whether the code is this key's."""
        return hmac.compare_digest(self.code(seal), str(seal.values["mac"]))


def first_key(text: str) -> SealKey:
    """The key that `sonoedge audit init` showed.

    Raises:
        InvalidSettings: it is not 64 hexadecimal digits.
    """
    if DIGEST.fullmatch(text) is None:
        raise InvalidSettings("an audit log's first key is 64 hexadecimal digits")
    return SealKey(epoch=0, key=text)


def read_key(folder: Path) -> SealKey:
    """The key of the next seal.

    Raises:
        AuditBroken: the file is missing or damaged.
        OSError: it cannot be read.
    """
    try:
        data = read_bounded(folder / KEY_FILE, MOST_KEY_FILE)
        key = read(SealKey, parse_json(data, KEY_FILE, most_bytes=MOST_KEY_FILE))
    except FileNotFoundError:
        raise AuditBroken(_LOST.format("is missing")) from None
    except InvalidSettings:
        raise AuditBroken(_LOST.format("is damaged")) from None
    if key.epoch < 0 or DIGEST.fullmatch(key.key) is None:
        raise AuditBroken(_LOST.format("is damaged"))
    return key


def replace_key(folder: Path, key: SealKey) -> None:
    """Put a key in the place of the one before, whose bytes are overwritten.

    Flash may keep an old copy in a block that no file has any more: see docs/how-to/audit.md.

    Raises:
        OSError: it cannot be written; the one before is unchanged.
    """
    file = folder / KEY_FILE
    data = json.dumps({"epoch": key.epoch, "key": key.key}).encode()
    old = None
    with contextlib.suppress(FileNotFoundError):
        old = os.open(file, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        replace_durably(file, data, 0o600)
        if old is not None:
            os.pwrite(old, b"\0" * os.fstat(old).st_size, 0)
            os.fdatasync(old)
    finally:
        if old is not None:
            os.close(old)


_LOST: Final = (
    f"{KEY_FILE} {{}}: nothing can be sealed any more; keep the folder as it is, and begin "
    "another log with sonoedge audit init"
)
