"""The folder beside a bundle that holds what was measured and built on this device.

    BUNDLE.provision/provision.json            the only index
    BUNDLE.provision/engines/ID.RUNTIME.SHA12.engine
    BUNDLE.provision/engines/ID.RUNTIME.SHA12.json    its sidecar
    BUNDLE.provision/engines/ID.RUNTIME.SHA12.mac     over the sidecar, under the device's key
    BUNDLE.provision/engines/ID.RUNTIME.SHA12.log     what the builder said
    BUNDLE.provision/engines/ID.RUNTIME.SHA12.kernels compiled at the first calls (TensorRT-RTX)
    BUNDLE.provision/timing.RUNTIME.cache  the builder's own measurements, for the next build

Here it is read; `sonoedge.provision.writing` writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from sonoedge.bounded_read import read_regular
from sonoedge.bundle import Bundle
from sonoedge.bundle.location import as_argument, provision_in_store
from sonoedge.device.fingerprint import FINGERPRINTS, cpu_box, fingerprint_differences
from sonoedge.device.record import SCHEMA_VERSION, EngineRecord, Provision, Result, Timing
from sonoedge.errors import InvalidSettings
from sonoedge.settings import read
from sonoedge.strict_json import object_of_version, parse_json

INDEX: Final = "provision.json"
ENGINES: Final = "engines"
MOST_BYTES: Final = 16 << 20  # of an index, or of a sidecar, which lists an engine's layers
UNBOUND: Final = (
    "its engine was built here and no device key vouches for it: whoever can write beside the "
    "bundle can replace it (device_key in trust.json)"
)
R = TypeVar("R", Provision, EngineRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A provision result that is for this bundle.

    Attributes:
        other_machine: why its times are not this machine's; empty where they are.
    """

    folder: Path
    provision: Provision
    other_machine: str

    def result(self, variant: str, runtime: str) -> Result | None:
        """The result of a variant on a runtime."""
        for result in self.provision.results:
            if (result.variant, result.runtime) == (variant, runtime):
                return result
        return None

    def timing(self, variant: str, runtime: str) -> Timing | None:
        """The times of a variant on a runtime, where they are this machine's.

        An engine that was built here is bound to its GPU by a check of its own: its times
        hold even where, say, another NumPy has made those of the CPU variants void.
        """
        result = self.result(variant, runtime)
        if result is None or (self.other_machine and runtime not in FINGERPRINTS):
            return None
        return result.timing


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """There is a provision result, and it cannot be used.

    Attributes:
        why: one sentence.
    """

    why: str

    def result(self, variant: str, runtime: str) -> None:
        """None of it counts."""

    def timing(self, variant: str, runtime: str) -> None:
        """None of it counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The bundle was never provisioned here."""

    def result(self, variant: str, runtime: str) -> None:
        """There is none."""

    def timing(self, variant: str, runtime: str) -> None:
        """There is none."""


ProvisionResult: TypeAlias = Found | Unusable | Absent


def store_folder(bundle: Path) -> Path:
    """Where a bundle's provision result lies: beside it, or in its store's own folder for them."""
    folder = bundle.absolute()
    return provision_in_store(folder) or folder.with_name(f"{folder.name}.provision")


def provision_command(bundle: Path, runtime: str) -> str:
    """The command that makes a result, or makes it anew."""
    return f"sonoedge provision {as_argument(bundle)} --runtime {runtime}"


def busy_note(provision: Provision, bundle: Bundle) -> str:
    """What is to be said of times that were measured beside other work."""
    return (
        f"the machine was busy while engines were timed (a thread waited for a processor "
        f"{provision.cpu_wait_share or 0:.0%} of the time): the times are too long, and may rank "
        f"the variants wrongly; when nothing else runs, run: sonoedge provision "
        f"{as_argument(bundle.folder)}"
    )


def find_provision(bundle: Bundle) -> ProvisionResult:
    """The provision result that lies beside a bundle."""
    folder = store_folder(bundle.folder)
    try:
        data = read_regular(folder / INDEX, MOST_BYTES)
    except FileNotFoundError:
        return Absent()
    except OSError as error:
        return Unusable(why=f"the provision result cannot be read ({type(error).__name__})")
    try:
        provision = parse_record(Provision, data, INDEX)
    except InvalidSettings as error:
        return Unusable(why=f"the provision result cannot be used: {error}")
    if (provision.bundle_id, provision.manifest_sha256) != (
        bundle.manifest.bundle_id,
        bundle.manifest_sha256,
    ):
        return Unusable(
            why=f"the provision result is that of another bundle, {provision.bundle_id}"
        )
    rows = fingerprint_differences(provision.box, cpu_box())
    other_machine = "; ".join(f"{name} was {before}, is {now}" for name, before, now in rows)
    return Found(folder=folder, provision=provision, other_machine=other_machine)


def parse_record(cls: type[R], text: bytes, name: str) -> R:
    """An index or a sidecar.

    Raises:
        InvalidSettings: these bytes are none that this sonoedge reads.
    """
    data = parse_json(text, name, most_bytes=MOST_BYTES)
    return read(cls, object_of_version(data, name, SCHEMA_VERSION))
