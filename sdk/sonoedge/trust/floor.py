"""The lowest security version that may run here: it only rises, but for root keys.

A device may keep it where root cannot rewind it, such as a TPM's counter; a file is what
every box has. A newer keyring sets the floors that it names, and may lower one: a stolen
release key could have raised it beyond every bundle.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from sonoedge.bounded_read import read_regular
from sonoedge.durable import locked, replace_durably
from sonoedge.errors import InvalidSettings, RollbackRefused, TrustError
from sonoedge.settings import plain, read
from sonoedge.strict_json import parse_json
from sonoedge.trust.keyring import Keyring

MOST_BYTES: Final = 1 << 16


class FloorStore(Protocol):
    """Where floors are kept, by a bundle's name."""

    def read(self, product: str) -> int:
        """The floor; 0 where none was set."""
        ...

    def raise_to(self, product: str, version: int) -> None:
        """Raise the floor; a lower version changes nothing."""
        ...

    def follow(self, keyring: Keyring) -> None:
        """Set the floors of a keyring that is newer than the last one followed.

        Raises:
            RollbackRefused: it is older than that one.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """What the file holds.

    Attributes:
        keyring: version of the last keyring whose floors were set.
        floors: by a bundle's name.
    """

    keyring: int = 0
    floors: Mapping[str, int] = field(default_factory=dict)


class FileFloors:
    """Floors in one small JSON file, replaced whole.

    Args:
        path: the file; its folder must exist. A missing file is no floors.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, product: str) -> int:
        """The floor; 0 where none was set.

        Raises:
            TrustError: the file is there and cannot be read: a lost floor is no floor of 0.
        """
        return self._load().floors.get(product, 0)

    def raise_to(self, product: str, version: int) -> None:
        """Raise the floor; a lower version changes nothing.

        Raises:
            TrustError: it cannot be read or written.
        """
        if version <= self.read(product):
            return  # so that who only reads need not be allowed to write
        with self._locked():
            current = self._load()
            if version > current.floors.get(product, 0):
                self._write(replace(current, floors={**current.floors, product: version}))

    def follow(self, keyring: Keyring) -> None:
        """Set the floors of a keyring that is newer than the last one followed.

        Raises:
            RollbackRefused: it is older than the last one followed: a revocation may be missing.
            TrustError: they cannot be read or written.
        """
        if keyring.version == self._load().keyring:
            return
        with self._locked():
            current = self._load()
            if keyring.version < current.keyring:
                raise RollbackRefused(
                    f"the newest installed keyring is version {keyring.version}, and this device "
                    f"has followed version {current.keyring}; install the keyrings after it again"
                )
            if keyring.version > current.keyring:
                floors = {**current.floors, **keyring.floors}
                self._write(Floors(keyring=keyring.version, floors=floors))

    def _load(self) -> Floors:
        try:
            data = read_regular(self._path, MOST_BYTES)
        except FileNotFoundError:
            return Floors()
        except OSError as error:
            raise TrustError(f"the floors cannot be read: {error.strerror}") from None
        try:
            floors = read(Floors, parse_json(data, self._path.name, most_bytes=MOST_BYTES))
        except InvalidSettings as error:
            raise TrustError(f"the floors cannot be read: {error}") from None
        if min([floors.keyring, *floors.floors.values()]) < 0:
            raise TrustError(f"{self._path.name} holds a floor below 0")
        return floors

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Within it nobody else changes a floor: two at once would lose one."""
        with ExitStack() as stack:
            try:
                stack.enter_context(locked(self._path.parent))
            except OSError as error:
                raise TrustError(f"the floors cannot be written: {error.strerror}") from None
            yield

    def _write(self, floors: Floors) -> None:
        text = json.dumps(plain(floors), sort_keys=True, indent=1) + "\n"
        try:
            replace_durably(self._path, text.encode())
        except OSError as error:
            raise TrustError(f"the floors cannot be written: {error.strerror}") from None
