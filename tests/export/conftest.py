"""A folder with the tiny network, its recipe and drawn frames."""

from __future__ import annotations

import importlib.util
import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from once import made_once

TINY = Path(__file__).parent.parent / "tiny"


def load(file: Path) -> ModuleType:
    """A module from a file, under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"tiny_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def traced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network is traced once a run, but for tests that are marked `traced_anew`."""
    if request.node.get_closest_marker("traced_anew") or "torch" not in sys.modules:
        return
    from sonoedge_export.graph import build
    from traced_once import traced_once

    monkeypatch.setattr(build, "to_onnx", traced_once(build.to_onnx))


def write_workplace(folder: Path) -> Path:
    """recipe.toml, network.py and frames/frames.json."""
    shutil.copy(TINY / "recipe.toml", folder)
    shutil.copy(TINY / "network.py", folder)
    load(TINY / "frames.py").write_frames(folder / "frames")
    return folder


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """recipe.toml, network.py and frames/frames.json."""
    return write_workplace(tmp_path)


@pytest.fixture(scope="session")
def exported() -> Path:
    """The bundle of a workplace's recipe, exported by today's code; nobody writes into it."""

    def export(folder: Path) -> None:
        from sonoedge_export.pipeline import export_bundle
        from sonoedge_export.progress import Stages
        from sonoedge_export.recipe.recipe import read_recipe

        recipe = read_recipe(write_workplace(folder) / "recipe.toml")
        export_bundle(recipe, folder / "bundle", Stages(io.StringIO()))

    return made_once("exported", export) / "bundle"


@pytest.fixture
def int8(workplace: Path) -> Path:
    """The recipe with every int8 variant, and calibration frames of its own: calib/."""
    load(TINY / "frames.py").write_frames(workplace / "calib", 24, first=100)
    file = workplace / "recipe.toml"
    names = ("onnxruntime-fp32", "onnxruntime-int8", "openvino-fp32", "openvino-int8")
    text = file.read_text().replace('["onnxruntime-fp32", "openvino-fp32"]', json.dumps(names))
    calibration = '[calibration]\nframes = ["calib/frames.json"]\nsplit = "train"\n'
    file.write_text(text + "\n" + calibration)
    return file


@pytest.fixture
def edited(workplace: Path) -> Callable[[str, str], Path]:
    """Replace one text in the recipe by another; gives the recipe's path."""

    def edit(old: str, new: str) -> Path:
        file = workplace / "recipe.toml"
        text = file.read_text()
        assert text.count(old) == 1
        file.write_text(text.replace(old, new))
        return file

    return edit


@pytest.fixture(scope="session")
def place() -> Path:
    """A recipe with second opinions, its frames (fit/, choose/), and what it gives: bundle/."""
    pytest.importorskip("sklearn", reason="needs scikit-learn")
    from head_bundle import make_place

    return made_once("heads", make_place)
