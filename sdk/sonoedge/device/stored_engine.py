"""An engine that was built on this device: taken only where it is the one for here.

Its sidecar must be one that this device wrote, where the device has a key; it must be for this
graph, this GPU and these libraries, and engine and kernels must be those that it names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sonoedge.bounded_read import read_regular
from sonoedge.bundle import Bundle, Digest
from sonoedge.bundle.digest import digest
from sonoedge.bundle.reading import OpenFolder
from sonoedge.device.fingerprint import GpuBox, fingerprint_differences
from sonoedge.device.record import EngineRecord, Result
from sonoedge.device.store import ENGINES, MOST_BYTES, Found, parse_record, provision_command
from sonoedge.errors import BundleError, EngineMismatch, InvalidSettings
from sonoedge.trust.device_key import is_mac_of, read_device_key

MAC_BYTES: Final = 65  # hexadecimal digits of SHA-256, and a newline


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
        TrustError: the device's key cannot be read.
    """
    remedy = provision_command(bundle.folder, result.runtime)
    record = read_sidecar(actual.folder, result, remedy, bundle.device_key)
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
        data = OpenFolder(folder / ENGINES).read(name, expected.bytes)
    except BundleError as error:
        raise _mismatch(result, "its file", name, str(error).partition(";")[0], remedy) from None
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


def read_sidecar(
    folder: Path, result: Result, remedy: str, device_key: Path | None = None
) -> EngineRecord:
    """The record of an engine.

    Args:
        device_key: file of the key that its MAC must be under; None checks none.

    Raises:
        EngineMismatch: there is none, or none that can be used, or this device did not write it.
        TrustError: the device's key cannot be read.
    """
    name = result.engine or ""
    if not name or Path(name).name != name:
        raise _mismatch(result, "its sidecar", "a file in the store", repr(name), remedy)
    try:
        data = read_regular(folder / ENGINES / name, MOST_BYTES)
        if device_key is not None:  # before anything of it is parsed
            _check_mac(folder / ENGINES, result, data, device_key, remedy)
        record = parse_record(EngineRecord, data, name)
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


def _check_mac(
    engines: Path, result: Result, sidecar: bytes, device_key: Path, remedy: str
) -> None:
    """Refuse a sidecar that was not written under the device's key."""
    name = result.engine or ""
    try:
        key = read_device_key(device_key)
    except FileNotFoundError:
        raise _mismatch(
            result, "the device's key", "the key that it was built under", "none", remedy
        ) from None
    try:
        mac = read_regular(engines / mac_name(name), MAC_BYTES)
    except OSError:
        mac = b""
    if not is_mac_of(mac, key, name, sidecar):
        raise _mismatch(
            result,
            "the device's key",
            "a sidecar that this device wrote",
            "one that it did not write" if mac else "no MAC",
            remedy,
        )


def mac_name(sidecar: str) -> str:
    """The file of a sidecar's MAC, in the same folder."""
    return f"{sidecar.removesuffix('.json')}.mac"


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
