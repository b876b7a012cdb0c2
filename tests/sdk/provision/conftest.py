"""A bundle that carries a graph for TensorRT beside its CPU variants."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sonoedge.bundle.identity import manifest_text
from sonoedge.cli import main

TINY = Path(__file__).parent.parent.parent / "data" / "tiny"


def make(folder: Path) -> Path:
    shutil.copytree(TINY, folder)
    file = folder / "manifest.json"
    data = json.loads(file.read_text())
    first = data["variants"][0]
    data["variants"].append(
        first
        | {"id": "tensorrt-fp16", "runtime": "tensorrt", "precision": "fp16"}
        | {"latency_ms_p50": None}
    )
    file.write_text(manifest_text(data))
    return folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The tiny bundle, with "tensorrt-fp16" over the same graph."""
    return make(tmp_path / "bundle")


@pytest.fixture(scope="session")
def provisioned_once(
    tmp_path_factory: pytest.TempPathFactory, fake_environment: dict[str, str]
) -> Path:
    folder = tmp_path_factory.mktemp("provisioned")
    words = ["provision", str(make(folder / "bundle")), "--rounds", "1", "--runtime", "tensorrt"]
    command = [sys.executable, "-m", "sonoedge", *words]
    subprocess.run(command, env=fake_environment, check=True, capture_output=True)
    return folder


@pytest.fixture
def provisioned(provisioned_once: Path, tmp_path: Path) -> Path:
    """The same with an engine that the stand-in for TensorRT has built, ready to be spoilt."""
    shutil.copytree(provisioned_once, tmp_path, dirs_exist_ok=True)
    return tmp_path / "bundle"


@pytest.fixture(scope="session")
def measured_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    assert main(["provision", str(make(folder / "bundle")), "--rounds", "2"]) == 0
    return folder


@pytest.fixture
def measured(measured_once: Path, tmp_path: Path) -> Path:
    """The same with the times of its CPU variants, ready to be spoilt."""
    shutil.copytree(measured_once, tmp_path, dirs_exist_ok=True)
    return tmp_path / "bundle"
