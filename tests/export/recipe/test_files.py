from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sonoedge.errors import InvalidRecipe
from sonoedge_export.recipe.network import Network
from sonoedge_export.recipe.prune import Prune, Recover
from sonoedge_export.recipe.recipe import read_recipe


def test_files_lie_beside_the_recipe(int8: Path) -> None:
    files, folder = read_recipe(int8).files, int8.parent
    assert files.network is None  # its network is drawn by hand
    assert files.evaluation == (folder / "frames" / "frames.json",)
    assert len(files.calibration) == 1
    assert files.calibration[0].is_file()
    assert files.operating_point == ()
    assert (files.pruned, files.recovery) == (None, ())


def test_the_network_is_its_weights_or_the_onnx_file(int8: Path) -> None:
    recipe, folder = read_recipe(int8), int8.parent
    weights = Network(factory="network:dark_spots", weights="w.safetensors")
    assert replace(recipe, network=weights).files.network == folder / "w.safetensors"
    assert replace(recipe, network=Network(onnx="f.onnx")).files.network == folder / "f.onnx"


def test_a_pruning_has_its_weights_and_frames(int8: Path) -> None:
    prune = Prune(weights="slim.safetensors", recover=Recover(frames=("a.json", "a.json")))
    files = replace(read_recipe(int8), prune=prune).files
    assert files.pruned == int8.parent / "slim.safetensors"
    assert files.recovery == (int8.parent / "a.json",) * 2


def test_the_data_folder_is_asked_for_only_where_it_is_needed(
    edited: Callable[[str, str], Path], tmp_path: Path
) -> None:
    file = edited('"frames/frames.json"', '"{data}/frames.json"')
    recipe = read_recipe(file)
    assert recipe.files.network is None
    with pytest.raises(InvalidRecipe, match=r"reads \{data\}/frames.json: .* --data-root"):
        _ = recipe.files.evaluation
    assert read_recipe(file, tmp_path).files.evaluation == (tmp_path / "frames.json",)
