"""Target tensorrt: graphs for engines that are built on the device, verified here."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pytest

import sonoedge
from once import made_once
from sonoedge import EngineOptions
from sonoedge.bundle import Manifest, read_bundle
from sonoedge.errors import InvalidRecipe, RuntimeUnavailable
from sonoedge_export.candidates.earlier import earlier_of
from sonoedge_export.graph import cpu_reference
from sonoedge_export.lint import lint
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.tensorrt import graph as trt_model
from sonoedge_export.recipe.recipe import read_recipe

DEVICE = {"tensorrt-fp16": "tensorrt/model.fp16.onnx", "tensorrt-int8": "tensorrt/model.int8.onnx"}


@pytest.fixture
def recipe(int8: Path) -> Path:
    """ONNX Runtime in float32, and target tensorrt."""
    text = re.sub(r"variants = .*", 'variants = ["onnxruntime-fp32"]', int8.read_text())
    int8.write_text(text.replace("created = ", 'targets = ["tensorrt"]\ncreated = ', 1))
    return int8


def exported(recipe: Path, name: str = "a", **more: object) -> tuple[Manifest, str]:
    said = io.StringIO()
    out = recipe.parent / name
    return export_bundle(read_recipe(recipe), out, Stages(said), **more), said.getvalue()  # type: ignore[arg-type]


@pytest.fixture
def place(recipe: Path) -> Path:
    """The recipe's folder with its bundle, a, and said.txt; nobody writes into it."""

    def make(folder: Path) -> None:
        shutil.copytree(recipe.parent, folder / "place")
        _, said = exported(folder / "place" / recipe.name)
        (folder / "place" / "said.txt").write_text(said)

    return made_once("tensorrt-target", make) / "place"


def test_both_graphs_are_written_verified_and_clean(place: Path) -> None:
    manifest, said = read_bundle(place / "a").manifest, (place / "said.txt").read_text()
    variants = {v.id: v for v in manifest.variants}
    assert set(variants) == {"onnxruntime-fp32", *DEVICE}, said
    for name, path in DEVICE.items():
        variant = variants[name]
        assert (variant.runtime, variant.model) == ("tensorrt", path)
        assert variant.latency_ms_p50 is None
        assert variant.metrics["flag_agreement"] == 1
        assert variant.metrics["map_levels"] <= variant.tolerance.map_levels
        assert set(variant.metrics["optimisation_difference"]) == {s.name for s in manifest.outputs}
        assert lint((place / "a" / path).read_bytes()).findings == ()
    assert manifest.reference_variant == "onnxruntime-fp32"
    made = manifest.lineage["quantized"]
    assert len(made["tensorrt-int8"]["int8_nodes"]) == 3
    assert len(made["tensorrt-fp16"]["fp16_nodes"]) == 3
    # What the frames were calibrated with is one set for all.
    assert "calibration.json" in manifest.files


def test_auto_passes_over_what_was_not_provisioned(place: Path) -> None:
    with sonoedge.open(place / "a") as analyser:
        assert analyser.origin.variant == "onnxruntime-fp32"
    with pytest.raises(RuntimeUnavailable, match="sonoedge provision"):
        sonoedge.open(place / "a", EngineOptions(variant="tensorrt-int8"))


@pytest.mark.traced_anew
def test_an_earlier_bundle_makes_the_same_bytes_again(place: Path, recipe: Path) -> None:
    first = read_bundle(place / "a").manifest
    again, _ = exported(recipe, "b", earlier=earlier_of(first))
    assert again.to_json() == first.to_json()


def test_a_graph_that_tensorrt_would_misread_is_left_out(
    recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = trt_model.trt_int8

    def wrong(*args: object, **more: object) -> object:
        made = real(*args, **more)  # type: ignore[arg-type]
        import onnx

        model = onnx.load_from_string(made.onnx)
        for tensor in model.graph.initializer:
            if tensor.name.endswith("/zero") and not tensor.dims:
                tensor.CopyFrom(onnx.helper.make_tensor(tensor.name, 2, [], [0]))
        return type(made)(
            onnx=model.SerializeToString(), int8=made.int8, kept_float=made.kept_float
        )

    monkeypatch.setattr(trt_model, "trt_int8", wrong)
    manifest, said = exported(recipe)
    assert "tensorrt-int8" not in {v.id for v in manifest.variants}
    assert "LEFT OUT: not built: TensorRT would not take the graph as it is meant: T007" in said
    assert "T007" in manifest.lineage["left_out"]["tensorrt-int8"]


def test_a_graph_that_optimisation_changes_cannot_be_verified(
    recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu_reference, "MEAN_LEVELS", -1.0)
    manifest, said = exported(recipe)
    assert [v.id for v in manifest.variants] == ["onnxruntime-fp32"]
    assert "with and without ONNX Runtime's graph optimisation" in said


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('variants = ["onnxruntime-fp32"]', 'variants = ["tensorrt-int8"]', "runs on a CPU"),
        ('targets = ["tensorrt"]', 'targets = ["jetson"]', r"targets\[0\] is 'jetson'"),
        ("[calibration]", "[gone]", "gone is unknown"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(
    recipe: Path, old: str, new: str, says: str
) -> None:
    assert old in recipe.read_text()
    recipe.write_text(recipe.read_text().replace(old, new))
    with pytest.raises(InvalidRecipe, match=says):
        read_recipe(recipe)


def test_the_target_needs_calibration_frames(workplace: Path) -> None:
    file = workplace / "recipe.toml"
    file.write_text(file.read_text().replace("created = ", 'targets = ["tensorrt"]\ncreated = '))
    with pytest.raises(InvalidRecipe, match=r"targets: tensorrt needs \[calibration\]"):
        read_recipe(file)
