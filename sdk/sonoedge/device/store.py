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
from typing import Final, TypeVar

from sonoedge.bundle import Bundle, Digest
from sonoedge.bundle.digest import digest
from sonoedge.bundle.strict_json import parse_json
from sonoedge.device.fingerprint import GpuBox, apart, cpu_box
from sonoedge.device.record import SCHEMA_VERSION, EngineRecord, Provision, Result
from sonoedge.errors import EngineMismatch, InvalidSettings
from sonoedge.settings import read

INDEX: Final = "provision.json"
ENGINES: Final = "engines"
MOST_BYTES: Final = 16 << 20  # of an index, which keeps every sample of its timings
R = TypeVar("R", Provision, EngineRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A provision result that is for this bundle.

    Attributes:
        box_differs: why the timings are not this machine's; empty where they are.
    """

    folder: Path
    provision: Provision
    box_differs: str

    def result(self, variant: str, runtime: str) -> Result | None:
        """The result of a variant on a runtime."""
        for each in self.provision.results:
            if (each.variant, each.runtime) == (variant, runtime):
                return each
        return None


def store_folder(bundle: Path) -> Path:
    """Where a bundle's provision result lies: beside it."""
    whole = bundle.absolute()
    return whole.with_name(f"{whole.name}.provision")


def command(bundle: Path, runtime: str) -> str:
    """What makes a result, or makes it anew."""
    return f"sonoedge provision {bundle.name} --runtime {runtime}"


def find(bundle: Bundle) -> Found | str | None:
    """The provision result of a bundle.

    Returns:
        the result; one sentence, where there is one that cannot be used; None where
        there is none.
    """
    folder = store_folder(bundle.folder)
    try:
        data = (folder / INDEX).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"the provision result cannot be read ({type(error).__name__})"
    try:
        provision = _parse(Provision, data, INDEX)
    except InvalidSettings as error:
        return f"the provision result cannot be used: {error}"
    if (provision.bundle_id, provision.manifest_sha256) != (
        bundle.manifest.bundle_id,
        bundle.manifest_sha256,
    ):
        return f"the provision result is of another bundle, {provision.bundle_id}"
    differs = apart(provision.box, cpu_box())
    told = "; ".join(f"{name} was {old}, is {new}" for name, old, new in differs)
    return Found(folder=folder, provision=provision, box_differs=told)


def read_engine(
    found: Found, result: Result, bundle: Bundle, here: GpuBox
) -> tuple[bytes, bytes | None, EngineRecord]:
    """A stored engine, if it is the one for this GPU, this bundle and these libraries.

    Args:
        here: this machine's GPU.

    Returns:
        the engine; the kernels kept beside it, or None; its record.

    Raises:
        EngineMismatch: it is not; the message says what was expected, what was found, and
            the command that mends it.
    """
    mend = command(bundle.folder, result.runtime)
    record = read_sidecar(found.folder, result, mend)
    graph = bundle.manifest.files.get(record.graph)
    if graph != record.graph_digest:
        now = "none" if graph is None else graph.sha256[:12]
        raise _mismatch(
            result, "its graph", record.graph_digest.sha256[:12], f"{now} in the bundle", mend
        )
    differs = apart(record.fingerprint, here)
    if differs:
        raise _mismatch(
            result,
            "this device",
            ", ".join(f"{name} {old}" for name, old, _ in differs),
            ", ".join(f"{name} {new}" for name, _, new in differs),
            mend,
        )
    data = _stored(found.folder, result, record.file, record.digest, mend)
    if record.kernels is None or record.kernels_digest is None:
        return data, None, record
    kernels = _stored(found.folder, result, record.kernels, record.kernels_digest, mend)
    return data, kernels, record


def _stored(folder: Path, result: Result, name: str, wanted: Digest, mend: str) -> bytes:
    """A file of the store that is what the sidecar says."""
    try:
        data = (folder / ENGINES / name).read_bytes()
    except OSError as error:
        raise _mismatch(result, "its file", name, str(error.strerror), mend) from None
    have = digest(data)
    if have != wanted:
        raise _mismatch(
            result,
            f"the SHA-256 of its {Path(name).suffix[1:]}",
            f"{wanted.sha256[:12]}, {wanted.bytes} bytes",
            f"{have.sha256[:12]}, {have.bytes} bytes",
            mend,
        )
    return data


def read_sidecar(folder: Path, result: Result, mend: str) -> EngineRecord:
    """The record of an engine.

    Raises:
        EngineMismatch: there is none, or none that can be used.
    """
    name = result.engine or ""
    if not name or Path(name).name != name:
        raise _mismatch(result, "its sidecar", "a file in the store", repr(name), mend)
    try:
        record = _parse(EngineRecord, (folder / ENGINES / name).read_bytes(), name)
    except (OSError, InvalidSettings) as error:
        raise _mismatch(result, "its sidecar", name, str(error), mend) from None
    names = [n for n in (record.file, record.kernels) if n is not None]
    if (record.variant, record.runtime) != (result.variant, result.runtime) or any(
        Path(n).name != n for n in names
    ):
        raise _mismatch(
            result,
            "its sidecar",
            f"{result.variant} on {result.runtime}",
            f"{record.variant} on {record.runtime}",
            mend,
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


def _mismatch(result: Result, what: str, expected: str, found: str, mend: str) -> EngineMismatch:
    return EngineMismatch(
        f"the engine of {result.variant} is not for here by {what}: expected {expected}, "
        f"found {found}; run: {mend}",
        expected=expected,
        found=found,
        command=mend,
    )
