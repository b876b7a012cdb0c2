from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.activation_map import ActivationAnswer, Watched
from sonoedge_export.graph.classifier_head import find_head
from sonoedge_export.recipe.recipe import Output, Outputs


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
        Outputs(class_probs=Output()), head.modules(network), (1,), (16, 16), pooled=pooled
    )
    with torch.no_grad():
        logits, features, *before = Watched(network, head)(PICTURE)
        local = answer.local(logits, features, before)
    assert local.shape == (1, widths[-1], 8, 8)
    assert local.std() > 1e-3
    torch.testing.assert_close(local.mean((2, 3)), logits, rtol=1e-4, atol=1e-5)


def test_a_cell_that_is_taken_away_takes_its_local_logit_with_it() -> None:
    # With ReLUs that stand as they stood, the logit falls by the cell's own share.
    network = made(24, 2)
    head = find_head(network, PICTURE)
    answer = ActivationAnswer(
        Outputs(class_probs=Output()), head.modules(network), (1,), (8, 8), pooled=False
    )
    with torch.no_grad():
        logits, features, *before = Watched(network, head)(PICTURE)
        local = answer.local(logits, features, before)
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


@pytest.mark.parametrize("between", [nn.GELU, nn.Sigmoid])
def test_a_head_that_is_not_linear_for_a_picture_is_refused(between: Any) -> None:
    with pytest.raises(InvalidNetwork, match=r"linear layers with ReLU.*outputs\.lesion_map"):
        find_head(made(24, 2, between=between), PICTURE)


def test_a_network_without_linear_layers_is_refused() -> None:
    with pytest.raises(InvalidNetwork, match="no linear layer"):
        find_head(nn.Sequential(nn.Conv2d(1, 2, 3)), PICTURE)
