from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import sonoedge
from sonoedge import Analysed, EngineOptions, Frame
from sonoedge.bundle import read_bundle
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import read_recipe

RECIPE = """
name = "classifier"
version = "1"
intended_use = "Tests."
task = "classification"
threshold_chosen_on = "nothing"
variants = ["onnxruntime-fp32", "openvino-fp32"]

[network]
factory = "{factory}"
{arguments}

[input]
height = {size}
width = {size}

[outputs.class_probs]

[postprocess]
labels = ["benign", "malignant"]
positive = ["malignant"]
min_area_input_px = 16

[data]
frames = ["frames/frames.json"]
golden = 2
"""


def exported(folder: Path, factory: str, size: int, arguments: str = "") -> Path:
    frames = folder / "frames" / "frames.json"
    frames.write_text(frames.read_text().replace('"normal"', '"benign"'))
    recipe = folder / "classifier.toml"
    recipe.write_text(RECIPE.format(factory=factory, size=size, arguments=arguments))
    sys.modules.pop("network", None)
    export_bundle(read_recipe(recipe), folder / "c", Stages(io.StringIO()))
    return folder / "c"


def test_a_classifiers_map_averages_to_its_own_answer(workplace: Path) -> None:
    bundle = exported(workplace, "network:classifier", 64)
    with sonoedge.open(bundle, EngineOptions(runtime="onnxruntime")) as analyser:
        noise = np.random.default_rng(0).integers(0, 256, (1, 1, 64, 64), dtype=np.uint8)
        answer = analyser.engine.infer({"frame": noise})
        result = analyser.analyse(Frame(pixels=noise[0, 0]))
    assert isinstance(result, Analysed)
    assert answer["lesion_map"].shape == (1, 1, 16, 16)
    assert answer["class_probs"].sum() == pytest.approx(1)
    # With two classes the map's logit averages to the frame's logit.
    p = answer["lesion_map"].astype(float).clip(0.5, 254.5) / 255
    assert np.log(p / (1 - p)).mean() == pytest.approx(
        np.log(answer["class_probs"][0, 1] / answer["class_probs"][0, 0]), abs=0.02
    )
    for region in result.regions:
        assert region.suspicion == pytest.approx(answer["class_probs"][0, 1])


@pytest.mark.parametrize(
    ("factory", "arguments"),
    [
        (
            "monai.networks.nets:resnet18",
            "arguments = { spatial_dims = 2, n_input_channels = 1, num_classes = 2 }",
        ),
        (
            "monai.networks.nets:DenseNet121",
            "arguments = { spatial_dims = 2, in_channels = 1, out_channels = 2 }",
        ),
    ],
)
def test_classifiers_of_the_field_export_with_an_activation_map(
    workplace: Path, factory: str, arguments: str
) -> None:
    pytest.importorskip("monai", reason="needs MONAI")
    torch.manual_seed(0)
    bundle = exported(workplace, factory, 96, arguments)
    with sonoedge.open(bundle) as analyser:
        assert analyser.engine.outputs[0].shape == (1, 1, 24, 24)
        noise = np.random.default_rng(0).integers(20, 200, (120, 160), dtype=np.uint8)
        result = analyser.analyse(Frame(pixels=noise))
    assert isinstance(result, Analysed)
    assert sum(result.class_probs.values()) == pytest.approx(1)


def test_a_classifier_alone_grades_the_frame_and_tells_no_region(workplace: Path) -> None:
    bundle = exported(workplace, "network:classifier", 64, '\n[outputs]\nlesion_map = "none"')
    assert {spec.name for spec in read_bundle(bundle).manifest.outputs} == {"class_probs", "finite"}
    with sonoedge.open(bundle) as analyser:
        noise = np.random.default_rng(0).integers(20, 200, (120, 160), dtype=np.uint8)
        result = analyser.analyse(Frame(pixels=noise))
    assert isinstance(result, Analysed)
    assert result.regions == ()
    assert result.suspicion == pytest.approx(result.class_probs["malignant"])
    assert result.flagged == (result.class_probs["malignant"] >= 0.5)
