"""Two families of the networks table, small, through the whole workstation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, EngineOptions, Frame
from sonoedge.guard import Guard, GuardSettings
from sonoedge.processing.preprocess import Preprocess

# Asked for without their seconds of importing: every process of the tests collects this file.
if find_spec("monai") is None or find_spec("nncf") is None:
    pytest.skip("needs MONAI and NNCF", allow_module_level=True)
from sonoedge_export.recipe.recipe import read_recipe

MODULES = (
    *("build", "classifiers", "convnext", "drawn", "earlier_page", "families", "fit", "mobilenet"),
    *("squeezenet", "stored", "table", "unets"),
)


@pytest.fixture
def networks(repository: Path) -> Iterator[dict[str, ModuleType]]:
    folder = str(repository / "examples" / "networks")
    sys.path.insert(0, folder)
    try:
        import build
        import drawn
        import families
        import fit
        import table

        yield {m.__name__: m for m in (build, drawn, families, fit, table)}
    finally:
        sys.path.remove(folder)
        for name in MODULES:
            sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("key", "arguments", "side"),
    [
        ("alexnet", {"hidden": 64}, 96),
        ("mobilenet_v3_small", {}, 64),
        ("squeezenet", {}, 64),
        ("convnext_pico", {"widths": [16, 32, 48, 64]}, 64),
        ("unet_onnx", {}, 64),
    ],
)
def test_a_small_network_goes_through_export_and_quantization(
    networks: dict[str, ModuleType],
    tmp_path: Path,
    key: str,
    arguments: dict[str, object],
    side: int,
) -> None:
    family = networks["families"].FAMILIES[key]
    family = replace(family, arguments=family.arguments | arguments)
    made = networks["build"].build(key, family, tmp_path, side=side, frames=(12, 16, 8))
    assert "onnxruntime-fp32" in made["variants"]
    for name in ("onnxruntime-int8", "openvino-int8"):
        assert (name in made["variants"]) != (name in made["refused"])  # and never in silence
    preprocess = Preprocess(read_recipe(tmp_path / "float.toml").input)
    kinds = networks["drawn"].KINDS
    frames = [networks["drawn"].drawn(n, kinds[n % 3])[0] for n in range(6)]
    with sonoedge.open(
        tmp_path / "unpruned", EngineOptions(variant="onnxruntime-fp32")
    ) as analyser:
        maps = [analyser.engine.infer({"frame": preprocess(f)[0]})["lesion_map"] for f in frames]
        assert np.stack(maps).std() > 0  # what the network sees is in its answers
        assert isinstance(analyser.analyse(Frame(pixels=frames[0])), Analysed)


def test_networks_written_here_have_as_many_weights_as_the_published_ones(
    networks: dict[str, ModuleType],
) -> None:
    # For 3 channels and 1000 classes, as torchvision's documentation states them.
    from convnext import convnext
    from mobilenet import mobilenet_v3_small
    from squeezenet import squeezenet

    tiny = {"depths": (3, 3, 9, 3), "widths": (96, 192, 384, 768)}
    made = (
        (mobilenet_v3_small(classes=1000, channels=3), 2_542_856),
        (squeezenet(classes=1000, channels=3), 1_235_496),
        (convnext(**tiny, classes=1000, channels=3), 28_589_128),
    )
    for network, published in made:
        assert sum(p.numel() for p in network.parameters()) == published


def test_drawn_frames_would_be_analysed_and_differ(networks: dict[str, ModuleType]) -> None:
    drawn = networks["drawn"]
    seen = set()
    for n in range(24):
        pixels, mask = drawn.drawn(n, drawn.KINDS[n % 3])
        assert Guard(GuardSettings()).content(Frame(pixels=pixels), (0, 0, 320, 240)) is None
        assert (mask.max() > 0) == (n % 3 > 0)
        seen.add(pixels.tobytes())
    assert len(seen) == 24


def test_the_last_layer_is_fitted_so_that_suspicions_spread(
    networks: dict[str, ModuleType], repository: Path
) -> None:
    import torch

    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(8, 2),
    )  # fmt: skip
    draw = torch.Generator().manual_seed(0)
    classes = torch.arange(40) % 2
    pictures = torch.randn(40, 1, 16, 16, generator=draw) * (1 + classes)[:, None, None, None]
    before = network[0].weight.clone()
    with torch.no_grad():
        fitted = networks["fit"].fit(network, pictures, classes)
        logits = fitted(pictures)
    assert ((logits[:, 1] > logits[:, 0]) == classes.bool()).float().mean() > 0.9
    assert torch.equal(network[0].weight, before)
    assert not network.training
    assert network[1].running_var.std() > 0


def test_the_page_shows_what_was_measured_and_what_was_refused(
    networks: dict[str, ModuleType],
) -> None:
    metrics = {"map_levels": 1.0, "probs": 2e-7, "flag_agreement": 1.0, "decided_agreement": None}
    row = {
        "unpruned": {
            "parameters": 1_948_163,
            "variants": {"onnxruntime-fp32": {"bytes": 8_000_000, "metrics": metrics}},
            "refused": {"onnxruntime-int8": "takes 9.00 ms, onnxruntime-fp32 8.00 ms"},
        },
        "prune_refused": "1.5 x cannot be reached",
        "timing": {
            "p50_ms": {"unpruned": {"onnxruntime-fp32": 8.04}},
            "auto": {"unpruned": "onnxruntime-fp32"},
        },
        "machine": {
            "architecture": "x86-64", "cpu": "a processor", "cores": 2, "instructions": ["avx2"],
            "python": "3.11", "packages": {"onnxruntime": "1.32.0", "openvino": "2026.4.1"},
        },
    }  # fmt: skip
    page = networks["table"].document({"unet": row})
    assert "| U-Net | 8.0 | - | - | - | - | ORT fp32 |" in page
    assert "| U-Net | unpruned | 1.95 | 8.0 | -, - | 1 level, 2.0e-07 | - |" in page
    assert "- U-Net, unpruned, onnxruntime-int8: takes 9.00 ms, onnxruntime-fp32 8.00 ms" in page
    assert "refused: 1.5 x cannot be reached" in page
    assert "Not run: AlexNet; VGG-16" in page


def test_a_run_of_one_network_keeps_the_other_networks_lines(
    networks: dict[str, ModuleType], tmp_path: Path
) -> None:
    from earlier_page import merged

    earlier = "\n".join(
        (
            *("# Networks", "", "Machine: an old one.", "", "## Speed", ""),
            *("| network | ms |", "|---|---|", "| U-Net | 1 |", "| U-Net, small | 2 |", ""),
            *("## Refused", "", "- U-Net, pruned, int8: slow", "- U-Net, small, three, int8: bad"),
        )
    )
    page = earlier.replace("Machine", "Machine of U-Net").replace("| 1 |", "| 7 |")
    page = page.replace("| U-Net, small | 2 |", "| VGG | 3 |").replace("slow", "late")
    page = page.replace("| U-Net | 7 |\n", "| U-Net | 7 |\n\nNot timed in this run: VGG.\n")
    titles = ("VGG", "U-Net", "U-Net, small")
    expected = earlier.replace("| U-Net | 1 |", "| VGG | 3 |\n| U-Net | 7 |")
    small = "| U-Net, small | 2 |"
    expected = expected.replace(small, f"{small}\n\nNot timed in this run: VGG.")
    expected = expected.replace("slow", "late").replace(
        "an old one.", "an old one.\n\nMachine of U-Net: an old one."
    )
    assert merged(earlier, page, titles, ("VGG", "U-Net")) == expected + "\n"
