from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.activation_map import ActivationAnswer, WithFeatures
from sonoedge_export.graph.classifier_head import find_head
from sonoedge_export.recipe.outputs import Output, Outputs


class Ends(nn.Module):
    """Features, and a head of linear layers."""

    def __init__(self, *widths: int, pooled: bool = False, between: Any = nn.ReLU) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 8, 3, 4, 1), nn.ReLU())
        self.pool = nn.AdaptiveAvgPool2d(1) if pooled else nn.Identity()
        layers: list[nn.Module] = []
        given = 8 if pooled else 8 * 8 * 8
        for width in widths:
            layers += [nn.Dropout(), nn.Linear(given, width), between()]
            given = width
        self.head = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.pool(self.features(x)).flatten(1))
        return logits


def made(*widths: int, **how: Any) -> Ends:
    torch.manual_seed(0)
    return Ends(*widths, **how).eval()


PICTURE = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("widths", "pooled"),
    [((2,), True), ((16, 2), True), ((3,), False), ((24, 3), False), ((24, 16, 2), False)],
)
def test_local_logits_average_to_the_frames_logits(widths: tuple[int, ...], pooled: bool) -> None:
    network = made(*widths, pooled=pooled)
    head = find_head(network, PICTURE)
    assert (head.pooled, len(head.layers)) == (pooled, len(widths))
    answer = ActivationAnswer(
        Outputs(class_probs=Output()), head, head.modules(network), (1,), (16, 16)
    )
    with torch.no_grad():
        logits, features, *made_of = WithFeatures(network, head)(PICTURE)
        local = answer.local(features, made_of)
    assert local.shape == (1, widths[-1], 8, 8)
    assert local.std() > 1e-3
    torch.testing.assert_close(local.mean((2, 3)), logits, rtol=1e-4, atol=1e-5)


def test_a_cell_that_is_taken_away_takes_its_local_logit_with_it() -> None:
    # With ReLUs that stand as they stood, the logit falls by the cell's own share.
    network = made(24, 2)
    head = find_head(network, PICTURE)
    answer = ActivationAnswer(
        Outputs(class_probs=Output()), head, head.modules(network), (1,), (8, 8)
    )
    with torch.no_grad():
        logits, features, *made_of = WithFeatures(network, head)(PICTURE)
        local = answer.local(features, made_of)
        less = features.clone()
        less[:, :, 3, 4] *= 1 - 1e-3
        change = network.head(less.flatten(1)) - logits
        gain = torch.autograd.functional.jacobian(lambda f: network.head(f.flatten(1)), features)
    share = (gain[0, :, 0] * features).sum(1)[:, 3, 4]
    torch.testing.assert_close(change[0], -1e-3 * share, rtol=1e-2, atol=1e-6)
    shares = (gain[0, :, 0] * features).sum(1)
    torch.testing.assert_close(
        local[0] - local[0].mean((1, 2), keepdim=True),
        64 * (shares - shares.mean((1, 2), keepdim=True)),
        rtol=1e-3,
        atol=1e-4,
    )


@pytest.mark.parametrize("between", [nn.Hardswish, nn.SiLU, nn.GELU])
@pytest.mark.parametrize("pooled", [True, False])
def test_gated_activations_between_the_layers_keep_the_sum(between: Any, pooled: bool) -> None:
    network = made(24, 16, 2, pooled=pooled, between=between)
    head = find_head(network, PICTURE)
    assert head.between == (between.__name__.lower(),) * 2
    outputs = Outputs(class_probs=Output())
    answer = ActivationAnswer(outputs, head, head.modules(network), (1,), (8, 8))
    with torch.no_grad():
        logits, features, *made_of = WithFeatures(network, head)(PICTURE)
        local = answer.local(features, made_of)
    assert local.std() > 1e-4
    torch.testing.assert_close(local.mean((2, 3)), logits, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("between", [nn.Tanh, nn.Sigmoid])
def test_a_head_that_is_not_linear_for_a_picture_is_refused(between: Any) -> None:
    with pytest.raises(InvalidNetwork, match=r'linear layers with relu.*lesion_map = "none"'):
        find_head(made(24, 2, between=between), PICTURE)


def test_a_map_per_class_that_is_averaged_is_the_local_logits() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3, 4), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    head = find_head(network, PICTURE)
    assert (head.features, head.layers, head.classes) == ("0", (), 2)


@pytest.mark.parametrize("activation", [nn.Softmax(1), nn.Sigmoid()])
def test_what_the_network_applies_itself_is_told(activation: nn.Module) -> None:
    network = made(2, pooled=True)
    network.head.append(activation)
    head = find_head(network, PICTURE)
    assert head.activation == type(activation).__name__.lower()
    ActivationAnswer(
        Outputs(class_probs=Output(activation="none")), head, head.modules(network), (1,), (8, 8)
    )
    with pytest.raises(InvalidNetwork, match="itself; set activation = 'none'"):
        ActivationAnswer(Outputs(class_probs=Output()), head, head.modules(network), (1,), (8, 8))


@pytest.mark.req("R4")
def test_logits_are_not_taken_for_probabilities() -> None:
    network = made(2, pooled=True)
    head = find_head(network, PICTURE)
    with pytest.raises(InvalidNetwork, match="is 'none', but the network gives logits"):
        ActivationAnswer(
            Outputs(class_probs=Output(activation="none")),
            head,
            head.modules(network),
            (1,),
            (8, 8),
        )


def test_a_network_without_linear_layers_is_refused() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.AdaptiveMaxPool2d(1), nn.Flatten())
    with pytest.raises(InvalidNetwork, match="neither that of a linear layer"):
        find_head(network, PICTURE)


class FlatNorm(nn.LayerNorm):
    """Layer norm over whatever a head is given, with a gain per channel."""

    def __init__(self, width: int) -> None:
        super().__init__(width, eps=1e-6)
        with torch.no_grad():
            self.weight.uniform_(0.5, 1.5)
            self.bias.normal_()


@pytest.mark.parametrize(
    ("widths", "pooled"), [((2,), True), ((16, 3), True), ((3,), False), ((24, 2), False)]
)
def test_a_layer_norm_in_front_of_the_layers_keeps_the_sum(
    widths: tuple[int, ...], pooled: bool
) -> None:
    network = made(*widths, pooled=pooled)
    network.head.insert(0, FlatNorm(network.head[1].in_features))
    head = find_head(network, PICTURE)
    assert (head.pooled, head.norm) == (pooled, "head.0")
    answer = ActivationAnswer(
        Outputs(class_probs=Output()),
        *(head, head.modules(network), (1,), (8, 8), head.layer_norm(network)),
    )
    with torch.no_grad():
        logits, features, *made_of = WithFeatures(network, head)(PICTURE)
        local = answer.local(features, made_of)
    torch.testing.assert_close(local.mean((2, 3)), logits, rtol=1e-4, atol=1e-5)

    norm = network.head[0]
    fed = features.mean((2, 3)) if pooled else features.flatten(1)
    deviation = (fed.var(unbiased=False) + norm.eps).sqrt()

    def with_that_deviation(f: Tensor) -> Tensor:
        given = f.mean((2, 3)) if pooled else f.flatten(1)
        made_by_norm = (given - given.mean()) / deviation * norm.weight + norm.bias
        made_by_head: Tensor = network.head[1:](made_by_norm)
        return made_by_head

    torch.testing.assert_close(with_that_deviation(features), logits, rtol=1e-4, atol=1e-5)
    gain = torch.autograd.functional.jacobian(with_that_deviation, features)
    shares = (gain[0, :, 0] * features).sum(1)
    torch.testing.assert_close(
        local[0] - local[0].mean((1, 2), keepdim=True),
        64 * (shares - shares.mean((1, 2), keepdim=True)),
        rtol=1e-3,
        atol=1e-4,
    )
