from __future__ import annotations

import pytest
import torch

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.raw_values import RawValues
from sonoedge_export.recipe.outputs import Activation, Output

LOGITS = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 6


def seen(tensor: torch.Tensor) -> RawValues:
    values = RawValues()
    for frame in tensor.split(1):
        values.add({"lesion_map": frame})
    return values


@pytest.mark.req("R4")
@pytest.mark.parametrize(
    ("tensor", "activation", "says"),
    [
        (LOGITS, "none", "these are no probabilities; set activation to 'sigmoid' or 'softmax'"),
        (torch.softmax(LOGITS, 1), "softmax", "applies a softmax itself; set activation = 'none'"),
        (torch.sigmoid(LOGITS), "sigmoid", "applies a sigmoid itself; set activation = 'none'"),
    ],
)
def test_an_activation_that_contradicts_the_answers_is_refused(
    tensor: torch.Tensor, activation: Activation, says: str
) -> None:
    with pytest.raises(
        InvalidNetwork, match=f"outputs.lesion_map.activation is '{activation}'.*{says}"
    ):
        seen(tensor).check_activation("lesion_map", Output(activation=activation))


@pytest.mark.parametrize(
    ("tensor", "activation"),
    [
        (LOGITS, "softmax"),
        (LOGITS, "sigmoid"),
        (torch.softmax(LOGITS, 1), "none"),
        (torch.sigmoid(LOGITS), "none"),
        (torch.full((4, 2), 0.4), "sigmoid"),  # a few logits may well lie between 0 and 1
    ],
)
def test_an_activation_that_fits_is_taken(tensor: torch.Tensor, activation: Activation) -> None:
    seen(tensor).check_activation("lesion_map", Output(activation=activation))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_an_answer_that_is_no_number_is_refused_with_the_count_of_its_frames(value: float) -> None:
    broken = LOGITS.clone()
    broken[2, 1, 3, 3] = value
    with pytest.raises(InvalidNetwork, match="lesion_map is NaN or infinite on 1 of 4 frames"):
        seen(broken).check_finite()
    seen(LOGITS).check_finite()
