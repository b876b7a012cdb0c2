from __future__ import annotations

import copy

import numpy as np
import torch
from torch import Tensor, nn

from sonoedge_export.graph.deploy import Scale
from sonoedge_export.prune.coupling import Coupling
from sonoedge_export.prune.recover.frames import Prepared
from sonoedge_export.prune.recover.statistics import Statistics
from sonoedge_export.prune.surgery import slimmed
from sonoedge_export.recipe.network import Network


def frames(count: int = 24) -> Prepared:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (count, 32, 48), np.uint8)
    return Prepared(
        pixels=pixels,
        masks=np.zeros_like(pixels),
        labels=np.zeros(count, np.int64),
        positive=np.zeros(count, bool),
    )


def statistics() -> Statistics:
    return Statistics(scale=Scale(Network(factory="small:small")), data=frames())


def put_into(network: nn.Module, layer: str, data: Prepared) -> Tensor:
    """What the frames put into a layer, in evaluation mode."""
    seen: list[Tensor] = []
    hook = network.get_submodule(layer).register_forward_pre_hook(lambda _, x: seen.append(x[0]))
    with torch.no_grad():
        network.eval()(torch.from_numpy(data.pixels).float()[:, None] / 127.5 - 1)
    hook.remove()
    return seen[0]


def test_a_cut_network_normalises_by_what_is_left(network: nn.Module, example: Tensor) -> None:
    roots = {layer: c.root for c in Coupling(network, example).groups() for layer in c.layers}
    slim = slimmed(network, example, {roots["inner.0"]: list(range(32))})
    own = statistics()
    own.estimate(slim)
    given = put_into(slim, "outer.1", own.data)
    layer = slim.get_submodule("outer.1")
    assert isinstance(layer, nn.BatchNorm2d)
    assert layer.running_mean is not None
    assert layer.running_var is not None
    torch.testing.assert_close(layer.running_mean, given.mean((0, 2, 3)), rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(layer.running_var, given.var((0, 2, 3)), rtol=1e-2, atol=1e-4)


def test_weights_modes_and_momenta_stay(network: nn.Module) -> None:
    before = copy.deepcopy(network)
    statistics().estimate(network)
    assert not any(m.training for m in network.modules())
    for old, new in zip(before.modules(), network.modules(), strict=True):
        if isinstance(old, nn.BatchNorm2d):
            assert isinstance(new, nn.BatchNorm2d)
            assert new.momentum == old.momentum
    named = dict(network.named_parameters())
    assert all(torch.equal(p, named[n]) for n, p in before.named_parameters())


def test_a_network_without_normalisation_is_left_alone() -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU())
    state = {n: t.clone() for n, t in network.state_dict().items()}
    statistics().estimate(network)
    assert all(torch.equal(t, state[n]) for n, t in network.state_dict().items())
