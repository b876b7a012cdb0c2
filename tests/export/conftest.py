"""A folder with the tiny network, its recipe and drawn frames."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

TINY = Path(__file__).parent.parent / "tiny"


def load(file: Path) -> ModuleType:
    """A module from a file, under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"tiny_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """recipe.toml, network.py and frames/frames.json."""
    shutil.copy(TINY / "recipe.toml", tmp_path)
    shutil.copy(TINY / "network.py", tmp_path)
    load(TINY / "frames.py").write_frames(tmp_path / "frames")
    return tmp_path


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
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe with second opinions, its frames (fit/, choose/), and what it gives: bundle/."""
    pytest.importorskip("sklearn", reason="needs scikit-learn")
    from head_bundle import make_place

    return make_place(tmp_path_factory.mktemp("heads"))
