from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from sonoedge_export.prune.recover.fake_quant import fake_quantized, round_weight, rounded


def test_weights_take_at_most_255_values_per_channel() -> None:
    weight = torch.randn(4, 8, 3, 3, generator=torch.Generator().manual_seed(0))
    once = round_weight(weight)
    assert all(len(c.unique()) <= 255 for c in once)
    assert float((once - weight).abs().max()) <= float(weight.abs().max()) / 127 / 2 + 1e-6
    torch.testing.assert_close(round_weight(once), once)


def test_the_gradient_passes_as_if_nothing_was_rounded() -> None:
    x = torch.tensor([0.1, 0.26, 5.0], requires_grad=True)
    y = rounded(x, torch.tensor(0.25), torch.tensor(0.0), 0, 15)
    assert y.tolist() == [0.0, 0.25, 3.75]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 1.0, 1.0]


def test_the_network_is_itself_again_afterwards(network: nn.Module, example: Tensor) -> None:
    before, names = network(example)["lesion"], list(network.state_dict())
    with fake_quantized(network):
        inside = network(example)["lesion"]
        assert list(network.state_dict()) == names
    assert not torch.equal(inside, before)
    assert torch.equal(network(example)["lesion"], before)


def test_training_under_rounding_wins_back_what_rounding_costs() -> None:
    # Planted: one weight so large that eight bits round the 32 others, each small, to nothing.
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(16, 33, 4, 4, generator=generator)
    x[:, 0] = 0
    plain = nn.Sequential(nn.Conv2d(33, 1, 1))
    with torch.no_grad():
        plain[0].weight[0, :, 0, 0] = torch.linspace(0.02, 0.49, 33)
        plain[0].weight[0, 0] = 127
        target = plain(x)

    def error_under_rounding(network: nn.Module) -> float:
        with fake_quantized(network), torch.no_grad():
            return float((network(x) - target).square().mean())

    aware = copy.deepcopy(plain)
    sgd = torch.optim.SGD(aware.parameters(), lr=0.003)
    with fake_quantized(aware):
        for _ in range(200):
            sgd.zero_grad()
            (aware(x) - target).square().mean().backward()
            sgd.step()
    assert error_under_rounding(plain) > 15
    assert error_under_rounding(aware) < 5
