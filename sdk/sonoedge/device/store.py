"""The folder beside a bundle that holds what was measured and built on this device.

    BUNDLE.provision/provision.json            the only index
    BUNDLE.provision/engines/ID.RUNTIME.SHA12.engine
    BUNDLE.provision/engines/ID.RUNTIME.SHA12.json    its sidecar
    BUNDLE.provision/engines/ID.RUNTIME.SHA12.log     what the builder said
    BUNDLE.provision/engines/ID.RUNTIME.SHA12.kernels compiled at the first calls (TensorRT-RTX)
    BUNDLE.provision/timing.RUNTIME.cache  the builder's own measurements, for the next build

Here it is read; `sonoedge.provision.writing` writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from sonoedge.bounded_read import read_bounded
from sonoedge.bundle import Bundle, Digest
from sonoedge.bundle.digest import digest
from sonoedge.bundle.location import as_argument, provision_in_store
from sonoedge.device.fingerprint import FINGERPRINTS, GpuBox, cpu_box, fingerprint_differences
from sonoedge.device.record import SCHEMA_VERSION, EngineRecord, Provision, Result, Timing
from sonoedge.errors import EngineMismatch, InvalidSettings
from sonoedge.settings import read
from sonoedge.strict_json import parse_json

INDEX: Final = "provision.json"
ENGINES: Final = "engines"
MOST_BYTES: Final = 16 << 20  # of an index, or of a sidecar, which lists an engine's layers
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
        data = read_bounded(folder / INDEX, MOST_BYTES)
    except FileNotFoundError:
        return Absent()
    except OSError as error:
        return Unusable(why=f"the provision result cannot be read ({type(error).__name__})")
    try:
        provision = _parse(Provision, data, INDEX)
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


def read_engine(
    actual: Found, result: Result, bundle: Bundle, local_gpu: GpuBox
) -> tuple[bytes, bytes | None, EngineRecord]:
    """A stored engine, if it is the one for this GPU, this bundle and these libraries.

    Args:
        actual: the provision result that names it.
        result: of the variant on its runtime.
        local_gpu: this machine's GPU.

    Returns:
        the engine; the kernels kept beside it, or None; its record.

    Raises:
        EngineMismatch: it is not; the message says what was expected, what was found, and
            the command that remedies it.
    """
    remedy = provision_command(bundle.folder, result.runtime)
    record = read_sidecar(actual.folder, result, remedy)
    graph = bundle.manifest.files.get(record.graph)
    if graph != record.graph_digest:
        now = "none" if graph is None else graph.sha256[:12]
        raise _mismatch(
            result, "its graph", record.graph_digest.sha256[:12], f"{now} in the bundle", remedy
        )
    differences = fingerprint_differences(record.fingerprint, local_gpu)
    if differences:
        raise _mismatch(
            result,
            "this device",
            ", ".join(f"{name} {old}" for name, old, _ in differences),
            ", ".join(f"{name} {new}" for name, _, new in differences),
            remedy,
        )
    data = _stored(actual.folder, result, record.file, record.digest, remedy)
    if record.kernels is None or record.kernels_digest is None:
        return data, None, record
    kernels = _stored(actual.folder, result, record.kernels, record.kernels_digest, remedy)
    return data, kernels, record


def _stored(folder: Path, result: Result, name: str, expected: Digest, remedy: str) -> bytes:
    """A file of the store that is what the sidecar says."""
    try:
        data = (folder / ENGINES / name).read_bytes()
    except OSError as error:
        raise _mismatch(result, "its file", name, str(error.strerror), remedy) from None
    actual = digest(data)
    if actual != expected:
        raise _mismatch(
            result,
            f"the SHA-256 of its {Path(name).suffix[1:]}",
            f"{expected.sha256[:12]}, {expected.bytes} bytes",
            f"{actual.sha256[:12]}, {actual.bytes} bytes",
            remedy,
        )
    return data


def read_sidecar(folder: Path, result: Result, remedy: str) -> EngineRecord:
    """The record of an engine.

    Raises:
        EngineMismatch: there is none, or none that can be used.
    """
    name = result.engine or ""
    if not name or Path(name).name != name:
        raise _mismatch(result, "its sidecar", "a file in the store", repr(name), remedy)
    try:
        record = _parse(EngineRecord, read_bounded(folder / ENGINES / name, MOST_BYTES), name)
    except (OSError, InvalidSettings) as error:
        raise _mismatch(result, "its sidecar", name, str(error), remedy) from None
    names = [n for n in (record.file, record.kernels) if n is not None]
    if (record.variant, record.runtime) != (result.variant, result.runtime) or any(
        Path(n).name != n for n in names
    ):
        raise _mismatch(
            result,
            "its sidecar",
            f"{result.variant} on {result.runtime}",
            f"{record.variant} on {record.runtime}",
            remedy,
        )
    return record


def _parse(cls: type[R], text: bytes, name: str) -> R:
    data = parse_json(text, name, most_bytes=MOST_BYTES)
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        raise InvalidSettings(
            f"{name} has schema version {version!r}, this sonoedge reads {SCHEMA_VERSION}"
        )
    return read(cls, data)


def _mismatch(
    result: Result, aspect: str, expected: str, actual: str, remedy: str
) -> EngineMismatch:
    return EngineMismatch(
        f"the engine of {result.variant} is not for here by {aspect}: expected {expected}, "
        f"found {actual}; run: {remedy}",
        expected=expected,
        actual=actual,
        command=remedy,
    )
