from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork, InvalidSettings
from sonoedge_export.prune.coupling import Coupling
from sonoedge_export.prune.importance import importances
from sonoedge_export.prune.surgery import shapes, slimmed
from sonoedge_export.prune.widths import least_important, order, widths

Load = Callable[[Path], ModuleType]
MONAI: dict[str, tuple[str, dict[str, object]]] = {
    "ResNet-18": ("resnet18", {"spatial_dims": 2, "n_input_channels": 1, "num_classes": 2}),
    "DenseNet-121": ("DenseNet121", {"spatial_dims": 2, "in_channels": 1, "out_channels": 2}),
    "U-Net": (
        "BasicUNet",
        {
            "spatial_dims": 2,
            "in_channels": 1,
            "out_channels": 3,
            "features": (32, 32, 64, 64, 96, 32),
        },
    ),
    "residual U-Net": (
        "UNet",
        {
            "spatial_dims": 2,
            "in_channels": 1,
            "out_channels": 3,
            "channels": (16, 32, 64),
            "strides": (2, 2),
            "num_res_units": 2,
        },
    ),
}


def half(network: nn.Module, example: Tensor, *, protect: tuple[str, ...] = ()) -> nn.Module:
    groups = Coupling(network, example).groups(protect)
    scores = importances("magnitude", groups)
    blocks = order(groups, scores, spread="uniform", multiple=16, most=0.75)
    kept = widths(groups, blocks[: len(blocks) // 2])
    return slimmed(network, example, least_important(groups, scores, kept))


def outs(network: nn.Module) -> dict[str, int]:
    convolutions = (nn.Conv2d, nn.ConvTranspose2d)
    return {n: m.out_channels for n, m in network.named_modules() if isinstance(m, convolutions)}


LESIONNET: dict[str, dict[str, object]] = {
    "LesionNet": {},
    "LesionNet under a pretrained trunk": {"trunk": "lite0", "surroundings": True},
}


@pytest.fixture(params=[*MONAI, *LESIONNET])
def known(
    request: pytest.FixtureRequest,
    repository: Path,
    load: Load,
    monkeypatch: pytest.MonkeyPatch,
) -> nn.Module:
    torch.manual_seed(0)
    if request.param in LESIONNET:
        monkeypatch.syspath_prepend(repository / "examples/reference")  # it imports its trunks
        module = load(repository / "examples/reference/lesionnet.py")
        made: nn.Module = module.lesionnet(**LESIONNET[request.param])
    else:
        nets = pytest.importorskip("monai.networks.nets", reason="needs MONAI")
        name, arguments = MONAI[request.param]
        made = getattr(nets, name)(**arguments)
    return made.eval()


def test_known_networks_lose_channels_in_blocks_of_16_and_answer_in_the_same_shapes(
    known: nn.Module,
) -> None:
    example = torch.rand(1, 1, 64, 64)
    before, parameters = outs(known), sum(p.numel() for p in known.parameters())
    slim = half(known, example)
    changed = {n: c for n, c in outs(slim).items() if c != before[n]}
    assert changed
    assert all(c % 16 == 0 for c in changed.values())
    assert shapes(slim, example) == shapes(known, example)
    assert sum(p.numel() for p in slim.parameters()) < 0.75 * parameters
    assert outs(known) == before  # the network itself is not touched


def test_channels_that_answer_nothing_can_go_without_changing_the_answer(
    network: nn.Module, example: Tensor
) -> None:
    # Dead in the parent: normalised to zero on both sides of the skip connection, before and
    # behind the concatenation. What is left must compute the same.
    dead = {"stem": range(16, 32), "inner": range(48), "down": range(24, 40), "mix": range(16)}
    with torch.no_grad():
        for name, channels in {**dead, "outer": dead["stem"]}.items():
            norm = network.get_submodule(name)[1]  # type: ignore[index]
            norm.weight[list(channels)] = 0
            norm.bias[list(channels)] = 0
    roots = {layer: c.root for c in Coupling(network, example).groups() for layer in c.layers}
    slim = slimmed(network, example, {roots[f"{n}.0"]: list(c) for n, c in dead.items()})
    assert outs(slim) | {"lesion": 1, "malignancy": 1} == {
        "stem.0": 32, "inner.0": 16, "outer.0": 32, "down.0": 24, "mix.0": 16,
        "lesion": 1, "malignancy": 1,
    }  # fmt: skip
    with torch.no_grad():
        for ours, theirs in zip(slim(example).values(), network(example).values(), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_a_skip_connection_couples_both_its_sides(network: nn.Module, example: Tensor) -> None:
    groups = Coupling(network, example).groups()
    assert {"stem.0", "outer.0"} <= set(next(c.layers for c in groups if "stem.0" in c.layers))


def test_heads_and_protected_layers_keep_their_channels(
    network: nn.Module, example: Tensor
) -> None:
    slim = half(network, example, protect=("down.*",))
    before, after = outs(network), outs(slim)
    assert after["down.0"] == before["down.0"]
    assert after["lesion"] == after["malignancy"] == 1
    assert slim.get_submodule("frame").out_features == 3
    assert after["inner.0"] < before["inner.0"]


def test_protecting_what_is_not_there_is_refused(network: nn.Module, example: Tensor) -> None:
    with pytest.raises(InvalidSettings, match=r"'stem\.9' fits no layer"):
        Coupling(network, example).groups(("stem.9",))


class Given(nn.Module):
    """Features are an output as well as what the last layer reads."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Conv2d(1, 32, 3, 1, 1), nn.Conv2d(32, 1, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.first(x)
        return self.last(features), features


def test_a_network_whose_outputs_would_change_is_refused(example: Tensor) -> None:
    with pytest.raises(InvalidNetwork, match="changed the network's outputs"):
        slimmed(Given(), example, {"first": list(range(16))})


@pytest.mark.parametrize("kind", ["magnitude", "batchnorm", "taylor"])
def test_every_importance_ranks_every_channel(
    network: nn.Module, example: Tensor, kind: str
) -> None:
    sum(t.square().sum() for t in network(example).values()).backward()
    groups = Coupling(network, example).groups()
    scores = importances(kind, groups)
    assert {r: len(s) for r, s in scores.items()} == {c.root: c.channels for c in groups}
    within_its_layer = [float(s.mean()) == pytest.approx(1, abs=1e-4) for s in scores.values()]
    assert all(within_its_layer) is (kind != "taylor")


def test_taylor_compares_the_loss_across_layers(network: nn.Module, example: Tensor) -> None:
    """A layer that the loss does not hang on is worth nothing beside one that it hangs on."""
    groups = Coupling(network, example).groups()
    sum(t.square().sum() for t in network(example).values()).backward()
    of = {layer: c.root for c in groups for layer in c.layers}
    before = importances("taylor", groups)
    for name in ("mix.0", "mix.1"):  # its gradients become a thousandth
        for parameter in network.get_submodule(name).parameters():
            assert parameter.grad is not None
            parameter.grad *= 1e-3
    for head in ("lesion", "malignancy"):
        for parameter in network.get_submodule(head).parameters():
            assert parameter.grad is not None
            parameter.grad *= 1e-3
    after = importances("taylor", groups)
    assert float(after[of["mix.0"]].max()) < 0.01 * float(before[of["mix.0"]].max())
    torch.testing.assert_close(after[of["inner.0"]], before[of["inner.0"]])


def test_an_importance_that_cannot_be_read_is_refused() -> None:
    network = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 1, 3))
    groups = Coupling(network, torch.rand(1, 1, 8, 8)).groups()
    with pytest.raises(InvalidSettings, match="batchnorm cannot be read at 0"):
        importances("batchnorm", groups)
