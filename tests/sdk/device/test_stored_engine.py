"""What an attacker could do to an engine that was built here, and a device that has its own key."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sonoedge.bundle import Bundle, read_bundle
from sonoedge.bundle.digest import digest
from sonoedge.device.fingerprint import GpuBox, cpu_box
from sonoedge.device.record import Check, EngineRecord, Provision, Result, Timing
from sonoedge.device.store import ENGINES, Found, find_provision, store_folder
from sonoedge.device.stored_engine import mac_name, read_engine
from sonoedge.errors import EngineMismatch, TrustError
from sonoedge.provision.writing import sidecar, write
from sonoedge.trust.device_key import make_device_key, read_device_key, sidecar_mac
from sonoedge.trust.policy import TrustPolicy

TINY = Path(__file__).parents[2] / "data" / "tiny"
STEM = "tensorrt-fp16.tensorrt.abc"
GPU = GpuBox(
    gpu="a", compute_capability="8.7", driver=None, driver_cuda="12.6", cuda_runtime="12.6",
    tensorrt="tensorrt 10.3",
)  # fmt: skip
RESULT = Result(
    variant="tensorrt-fp16", runtime="tensorrt", precision="fp16", status="passed",
    engine=f"{STEM}.json",
)  # fmt: skip
CHECK = Check(
    frames=1, largest={}, allowed={}, flags_agree=1.0, decided=1, decided_agree=1.0, dice=1.0,
    with_regions=1,
)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(TINY, tmp_path / "bundle")
    make_device_key(tmp_path / "device.key")
    return tmp_path


def opened(place: Path, *, key: bool = True) -> Bundle:
    policy = TrustPolicy(device_key=place / "device.key" if key else None)
    return read_bundle(place / "bundle", trust=policy)


def record(bundle: Bundle, engine: bytes, kernels: bytes) -> EngineRecord:
    return EngineRecord(
        schema_version=1, file=f"{STEM}.engine", digest=digest(engine), variant="tensorrt-fp16",
        runtime="tensorrt", precision="fp16", graph="graphs/fp32.onnx",
        graph_digest=bundle.manifest.files["graphs/fp32.onnx"], fingerprint=GPU, build={},
        bundle_id=bundle.manifest.bundle_id, check=CHECK,
        timing=Timing(calls=1, p50_ms=1.0, p90_ms=1.0, p99_ms=1.0),
        kernels=f"{STEM}.kernels", kernels_digest=digest(kernels),
    )  # fmt: skip


def store(place: Path, engine: bytes, kernels: bytes, *, mac_key: bytes | None) -> None:
    """Write an engine as a device does, or as whoever has no key would."""
    bundle = opened(place)
    data = sidecar(record(bundle, engine, kernels))
    files = {f"{STEM}.engine": engine, f"{STEM}.kernels": kernels, f"{STEM}.json": data}
    if mac_key is not None:
        files[f"{STEM}.mac"] = sidecar_mac(mac_key, f"{STEM}.json", data)
    provision = Provision(
        schema_version=1, bundle_id=bundle.manifest.bundle_id,
        manifest_sha256=bundle.manifest_sha256, created="2026-01-01T00:00:00+00:00",
        box=cpu_box(), conditions={}, results=(RESULT,),
    )  # fmt: skip
    write(store_folder(bundle.folder), provision, files)


def engine_of(place: Path, *, key: bool = True, gpu: GpuBox = GPU) -> tuple[bytes, bytes | None]:
    bundle = opened(place, key=key)
    found = find_provision(bundle)
    assert isinstance(found, Found)
    engine, kernels, _ = read_engine(found, RESULT, bundle, gpu)
    return engine, kernels


def engines(place: Path) -> Path:
    return place / "bundle.provision" / ENGINES


def test_an_engine_that_this_device_wrote_is_taken(place: Path) -> None:
    store(place, b"engine", b"kernels", mac_key=read_device_key(place / "device.key"))
    assert engine_of(place) == (b"engine", b"kernels")
    assert mac_name(f"{STEM}.json") == f"{STEM}.mac"


@pytest.mark.req("R46")
def test_an_engine_that_was_changed_together_with_its_sidecar_is_refused(place: Path) -> None:
    key = read_device_key(place / "device.key")
    store(place, b"engine", b"kernels", mac_key=key)
    store(place, b"another", b"kernels", mac_key=None)
    assert engine_of(place, key=False)[0] == b"another"  # without a key, digests alone
    with pytest.raises(EngineMismatch, match="by the device's key"):  # the MAC is the earlier one's
        engine_of(place)
    (engines(place) / f"{STEM}.mac").unlink()
    with pytest.raises(EngineMismatch, match="found no MAC; run: sonoedge provision"):
        engine_of(place)
    store(place, b"another", b"kernels", mac_key=bytes(32))  # under a key of the attacker's
    with pytest.raises(EngineMismatch, match="one that it did not write"):
        engine_of(place)


@pytest.mark.parametrize("part", ["engine", "kernels", "graph", "fingerprint", "variant"])
def test_each_part_is_bound_by_the_sidecar(place: Path, part: str) -> None:
    key = read_device_key(place / "device.key")
    store(place, b"engine", b"kernels", mac_key=key)
    if part in ("engine", "kernels"):
        file = engines(place) / f"{STEM}.{part}"
        file.write_bytes(file.read_bytes()[::-1])
        with pytest.raises(EngineMismatch, match=f"SHA-256 of its {part}"):
            engine_of(place)
        return
    if part == "fingerprint":
        with pytest.raises(EngineMismatch, match="this device"):
            engine_of(place, gpu=replace(GPU, gpu="b"))
    # Whatever the sidecar is made to say otherwise, the device did not say it.
    old = {"graph": "graphs/fp32.onnx", "fingerprint": '"8.7"', "variant": "tensorrt-fp16"}[part]
    file = engines(place) / f"{STEM}.json"
    file.write_text(file.read_text().replace(old, old.replace("p", "q").replace("8.7", "8.9"), 1))
    with pytest.raises(EngineMismatch, match="by the device's key"):
        engine_of(place)


def test_a_lost_key_and_one_that_others_may_read_stop_it_too(place: Path) -> None:
    store(place, b"engine", b"kernels", mac_key=read_device_key(place / "device.key"))
    (place / "device.key").chmod(0o644)
    with pytest.raises(TrustError, match="others than its owner"):
        engine_of(place)
    (place / "device.key").unlink()
    with pytest.raises(EngineMismatch, match="built under, found none; run: sonoedge provision"):
        engine_of(place)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(64 << 30)


@pytest.mark.parametrize("suffix", [".engine", ".kernels", ".json", ".mac"])
@pytest.mark.parametrize("make", [_pipe, _zeros, _sparse, Path.mkdir])
def test_what_is_no_plain_file_of_its_size_is_refused_unread(
    place: Path, suffix: str, make: Callable[[Path], None]
) -> None:
    store(place, b"engine", b"kernels", mac_key=read_device_key(place / "device.key"))
    path = engines(place) / f"{STEM}{suffix}"
    path.unlink()
    make(path)
    with pytest.raises(EngineMismatch):
        engine_of(place)


@pytest.mark.parametrize("make", [_pipe, _zeros, _sparse, Path.mkdir])
def test_an_index_that_is_no_plain_file_is_no_result(
    place: Path, make: Callable[[Path], None]
) -> None:
    store(place, b"engine", b"kernels", mac_key=None)
    (place / "bundle.provision" / "provision.json").unlink()
    make(place / "bundle.provision" / "provision.json")
    assert not isinstance(find_provision(opened(place)), Found)
