"""What a device demands of a bundle: no keyring, or signatures of the keys in one.

The policy is a file of the firmware's (`/etc/sonoedge/trust.json`) or a value that the host
gives in code; nothing in the process's environment changes it. Where a keyring is installed,
a bundle that is not signed is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sonoedge.bounded_read import read_regular
from sonoedge.errors import InvalidSettings, TrustError
from sonoedge.settings import read
from sonoedge.strict_json import parse_json
from sonoedge.trust.device_bar import DeviceBar
from sonoedge.trust.floor import FileFloors, FloorStore
from sonoedge.trust.grant import check_device_name
from sonoedge.trust.grant_folder import GrantFolder
from sonoedge.trust.keyring import Keyring
from sonoedge.trust.keyring_folder import read_keyrings

POLICY_FILE: Final = Path("/etc/sonoedge/trust.json")
MOST_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPolicy:
    """What is demanded of a bundle before anything of it is believed.

    Attributes:
        keyring: the keys that count; None where none is installed: then bundles run
            unsigned, and whoever opens one is told so.
        floors: where the lowest security versions are kept, those of the keyring among
            them; None keeps none but the keyring's.
        grants: by which a bundle may run below its floor; None takes none.
        device_key: file of the key by which the device knows again the engines that it built
            (see `sonoedge.trust.device_key`); None takes engines as they lie there.
        bar: what a bundle must demand at least; None leaves that to the bundle.

    Raises:
        InvalidSettings: one of them is of another type, a path in the place of a keyring, say.
    """

    keyring: Keyring | None = None
    floors: FloorStore | None = None
    grants: GrantFolder | None = None
    device_key: Path | None = None
    bar: DeviceBar | None = None

    def __post_init__(self) -> None:
        types = {"keyring": Keyring, "grants": GrantFolder, "device_key": Path, "bar": DeviceBar}
        for name, kind in types.items():
            value = getattr(self, name)
            if value is not None and not isinstance(value, kind):
                raise InvalidSettings(
                    f"{name} of a TrustPolicy is a {kind.__name__}, not {type(value).__name__}"
                )

    def floor(self, product: str) -> int:
        """The lowest security version of a product that may run.

        Raises:
            TrustError: the store of floors cannot be read.
        """
        floor = 0 if self.keyring is None else self.keyring.floors.get(product, 0)
        return floor if self.floors is None else self.floors.read(product)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """The keys of trust.json.

    Attributes:
        keyrings: folder of the installed keyrings, absolute; without one bundles run unsigned.
        first_keyring: SHA-256 of the first keyring's file, which pins it.
        floors: file of the floors, absolute; its folder must be writable.
        grants: folder of the grants, absolute; must be writable.
        device: this device's name, by which a grant means it.
        device_key: file of the device's own key, absolute; sonoedge provision makes it.
        bar: as `TrustPolicy.bar`.
    """

    keyrings: str | None = None
    first_keyring: str | None = None
    floors: str | None = None
    grants: str | None = None
    device: str | None = None
    device_key: str | None = None
    bar: DeviceBar | None = None

    def __post_init__(self) -> None:
        for name in ("keyrings", "floors", "grants", "device_key"):
            value = getattr(self, name)
            if value is not None and not value.startswith("/"):
                raise InvalidSettings(f"{name} must be an absolute path")
        if self.device is not None:
            check_device_name(self.device)
        if self.keyrings is None:
            needless = [n for n in ("first_keyring", "floors", "grants") if getattr(self, n)]
            if needless or (self.device_key is None and self.bar is None):
                raise InvalidSettings("keyrings is missing")


def read_policy(path: Path = POLICY_FILE) -> TrustPolicy:
    """The device's policy; without a file, unsigned bundles run and are said to be unsigned.

    Raises:
        TrustError: the file is there and cannot be used: a policy that cannot be read is
            not the absence of one.
    """
    try:
        data = read_regular(path, MOST_BYTES)
    except FileNotFoundError:
        return TrustPolicy()
    except OSError as error:
        raise TrustError(f"{path} cannot be read: {error.strerror}") from None
    try:
        fields = read(PolicyFile, parse_json(data, path.name, most_bytes=MOST_BYTES))
    except InvalidSettings as error:
        raise TrustError(f"{path} is not a usable policy: {error}") from None
    keyring = None
    if fields.keyrings is not None:
        keyring = read_keyrings(Path(fields.keyrings), fields.first_keyring)
    floors = None if fields.floors is None else FileFloors(Path(fields.floors))
    if floors is not None and keyring is not None:
        floors.follow(keyring)  # also where the power went between a keyring and its floors
    grants = None if fields.grants is None else GrantFolder(Path(fields.grants), fields.device)
    device_key = None if fields.device_key is None else Path(fields.device_key)
    return TrustPolicy(
        keyring=keyring, floors=floors, grants=grants, device_key=device_key, bar=fields.bar
    )
