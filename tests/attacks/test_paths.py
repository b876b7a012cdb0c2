"""No path ever reaches an engine or a decoder: what is loaded are the bytes that were checked."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attacks.device import Device, make_device
from sonoedge.bundle import read_bundle
from sonoedge.engines.open import open_bundle
from sonoedge.engines.options import EngineOptions
from sonoedge.frames import Frame
from sonoedge.trust.policy import read_policy


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return make_device(tmp_path / "d")


def refusing_paths(real: Callable[..., Any], seen: list[str]) -> Callable[..., Any]:
    """A loader that fails on any path."""

    def load(*args: Any, **kwargs: Any) -> Any:
        for value in (*args, *kwargs.values()):
            if isinstance(value, str | os.PathLike) and "/" in os.fspath(value):
                raise AssertionError(f"a path reached {real}: {value}")
        seen.append(type(args[0] if args else None).__name__)
        return real(*args, **kwargs)

    return load


def onnxruntime_loader(monkeypatch: pytest.MonkeyPatch, seen: list[str]) -> None:
    ort = pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    load = refusing_paths(ort.InferenceSession, seen)
    monkeypatch.setattr(ort, "InferenceSession", load)


def openvino_loader(monkeypatch: pytest.MonkeyPatch, seen: list[str]) -> None:
    ov = pytest.importorskip("openvino", reason="needs OpenVINO")

    # On the class: the process may have made its core already.
    for name in ("read_model", "compile_model"):
        real = getattr(ov.Core, name)

        def load(self: Any, *args: Any, _real: Any = real, **kwargs: Any) -> Any:
            return refusing_paths(partial(_real, self), seen)(*args, **kwargs)

        monkeypatch.setattr(ov.Core, name, load)


LOADERS = {"onnxruntime": onnxruntime_loader, "openvino": openvino_loader}


@pytest.mark.parametrize("runtime", LOADERS)
def test_a_loader_that_fails_on_any_path_opens_a_bundle(
    device: Device, runtime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cv2

    seen: list[str] = []
    LOADERS[runtime](monkeypatch, seen)
    for module, name in ((cv2, "imread"), (np, "fromfile"), (np, "memmap")):
        monkeypatch.setattr(module, name, refusing_paths(getattr(module, name), []))
    policy = read_policy(device.place / "trust.json")
    bundle = read_bundle(device.bundle, trust=policy)
    with open_bundle(bundle, EngineOptions(runtime=runtime)) as analyser:
        assert analyser.origin.runtime == runtime
        analyser.analyse(Frame(pixels=bundle.golden_frames()[0]))
    assert seen
    assert set(seen) & {"bytes", "BytesIO", "Model"}
    assert not set(seen) & {"str", "PosixPath"}


def test_the_loader_of_this_test_does_fail_on_a_path() -> None:
    with pytest.raises(AssertionError, match="a path reached"):
        refusing_paths(io.open, [])("/etc/hostname")


@pytest.mark.parametrize("runtime", LOADERS)
def test_a_bundle_whose_folder_is_gone_from_its_path_opens_all_the_same(
    device: Device, runtime: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever would open a file by the bundle's path finds a pipe there, and would hang."""
    pytest.importorskip(runtime, reason=f"needs {runtime}")
    policy = read_policy(device.place / "trust.json")
    bundle = read_bundle(device.bundle, trust=policy)
    device.bundle.rename(tmp_path / "elsewhere")
    for path in (*bundle.manifest.files, "manifest.json"):
        decoy = device.bundle / path
        decoy.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(decoy)
    monkeypatch.chdir(device.bundle)
    with open_bundle(bundle, EngineOptions(runtime=runtime)) as analyser:
        assert analyser.origin.bundle_id == bundle.manifest.bundle_id
