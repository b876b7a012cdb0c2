"""A device's grants: `NAME.grant.json`, as they were brought, and `used.json`, what became of them.

`used.json` is written before a bundle runs below the floor, and its number never counts again.
The bundle that it admitted stays admitted, over restarts, until the device runs one at the
floor or above: then there is no way back without another grant.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

from sonoedge.bounded_read import read_regular
from sonoedge.durable import locked, replace_durably
from sonoedge.errors import InvalidSettings, NotThisDevice, RollbackRefused, TrustError
from sonoedge.settings import plain, read
from sonoedge.strict_json import parse_json
from sonoedge.trust.grant import MOST_BYTES as MOST_GRANT_BYTES
from sonoedge.trust.grant import Grant, read_grant
from sonoedge.trust.keyring import Keyring

SUFFIX: Final = ".grant.json"
RECORD: Final = "used.json"
MOST_GRANTS: Final = 64
MOST_USED: Final = 4096
MOST_BYTES: Final = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRecord:
    """What used.json holds.

    Attributes:
        used: the numbers of grants that were used, each once.
        running: by a bundle's name, the grant that it runs by.
    """

    used: tuple[int, ...] = ()
    running: Mapping[str, Grant] = field(default_factory=dict)


class GrantFolder:
    """The grants of one device.

    Args:
        folder: where they lie; used.json is written there.
        device: the device's name; None takes those for any device alone.
    """

    def __init__(self, folder: Path, device: str | None = None) -> None:
        self._folder, self._device = folder, device

    def find(self, manifest_sha256: str, product: str, keyring: Keyring) -> Grant:
        """The grant by which a bundle may run below the floor; nothing is used up by asking.

        Raises:
            RollbackRefused: there is none, or it was used before.
            NotThisDevice: the grant for this bundle is another device's.
            TrustError: the folder cannot be read.
        """
        record = self._load()
        running = record.running.get(product)
        if running is not None and running.manifest_sha256 == manifest_sha256:
            return running
        refusal: TrustError = RollbackRefused("no grant lets it run here")
        for path in self._files():
            try:
                grant = read_grant(_read(path), keyring, path.name)
            except TrustError as error:
                refusal = RollbackRefused(f"no grant lets it run here: {error}")
                continue
            if grant.manifest_sha256 != manifest_sha256:
                continue
            if not grant.is_for(self._device):
                refusal = NotThisDevice(
                    f"{path.name} is a grant for the device {grant.device}; this one is "
                    f"{self._device or 'without a name in its trust.json'}"
                )
            elif grant.counter in record.used:
                refusal = RollbackRefused(
                    f"grant {grant.counter} was used on this device before, and counts once"
                )
            else:
                return grant
        raise refusal

    def use(self, grant: Grant, product: str) -> None:
        """Use a grant up, durably, before its bundle runs; again for the same bundle is harmless.

        Raises:
            RollbackRefused: another process used it meanwhile.
            TrustError: it cannot be recorded; then it must not run.
        """
        with self._locked():
            record = self._load()
            if record.running.get(product) == grant:
                return
            if grant.counter in record.used:
                raise RollbackRefused(
                    f"grant {grant.counter} was used on this device before, and counts once"
                )
            if len(record.used) >= MOST_USED:
                raise TrustError(
                    f"{RECORD} holds {MOST_USED} used grants, and takes no more; change the "
                    "root keys, and begin another folder of grants"
                )
            used = tuple(sorted((*record.used, grant.counter)))
            self._write(GrantRecord(used=used, running={**record.running, product: grant}))

    def settle(self, product: str) -> None:
        """The device runs a bundle of this name at its floor or above: no grant holds any more.

        Raises:
            TrustError: that cannot be recorded.
        """
        if product not in self._load().running:
            return
        with self._locked():
            record = self._load()
            running = {name: grant for name, grant in record.running.items() if name != product}
            self._write(replace(record, running=running))

    def _files(self) -> list[Path]:
        try:
            with os.scandir(self._folder) as entries:
                names = (e.name for e in entries if e.name.endswith(SUFFIX))
                first = list(islice(names, MOST_GRANTS + 1))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise TrustError(f"the grants cannot be read: {error.strerror}") from None
        if len(first) > MOST_GRANTS:
            raise TrustError(f"the folder holds more than {MOST_GRANTS} grants; remove used ones")
        return [self._folder / name for name in sorted(first)]

    def _load(self) -> GrantRecord:
        try:
            data = read_regular(self._folder / RECORD, MOST_BYTES)
        except FileNotFoundError:
            return GrantRecord()
        except OSError as error:
            raise TrustError(f"{RECORD} cannot be read: {error.strerror}") from None
        try:
            return read(GrantRecord, parse_json(data, RECORD, most_bytes=MOST_BYTES))
        except InvalidSettings as error:
            # A record that is lost is no record of nothing: used grants would count again.
            raise TrustError(f"the record of used grants cannot be read: {error}") from None

    def _write(self, record: GrantRecord) -> None:
        text = json.dumps(plain(record), sort_keys=True, indent=1) + "\n"
        try:
            replace_durably(self._folder / RECORD, text.encode())
        except OSError as error:
            raise TrustError(f"{RECORD} cannot be written: {error.strerror}") from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Within it nobody else uses or settles a grant of this folder."""
        with ExitStack() as stack:
            try:
                stack.enter_context(locked(self._folder))
            except OSError as error:
                raise TrustError(f"the grants cannot be read: {error.strerror}") from None
            yield


def _read(path: Path) -> bytes:
    try:
        return read_regular(path, MOST_GRANT_BYTES)
    except OSError as error:
        raise TrustError(f"{path.name} cannot be read: {error.strerror}") from None
