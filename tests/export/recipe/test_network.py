from __future__ import annotations

from typing import Any

import pytest
import torch

from sonoedge.errors import InvalidSettings
from sonoedge.settings import read
from sonoedge_export.graph.deploy import Scale
from sonoedge_export.recipe.network import Network


def test_mean_and_std_may_differ_from_channel_to_channel() -> None:
    data = {"factory": "a:b", "channels": 3, "mean": [123.675, 116.28, 103.53], "std": 58.0}
    scaled = Scale(read(Network, data))(torch.full((1, 1, 2, 2), 200, dtype=torch.uint8))
    expected = [(200 - m) / 58.0 for m in (123.675, 116.28, 103.53)]
    assert scaled.shape == (1, 3, 2, 2)
    torch.testing.assert_close(scaled[0, :, 1, 0], torch.tensor(expected))


def test_without_mean_and_std_grey_levels_become_minus_one_to_one() -> None:
    levels = torch.tensor([[[[0, 255]]]], dtype=torch.uint8)
    scaled = Scale(Network(factory="a:b", channels=3))(levels)
    assert scaled[0, :, 0].tolist() == [[-1.0, 1.0]] * 3


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"mean": [1.0, 2.0]}, "mean has 2 numbers, channels is 1"),
        ({"channels": 3, "std": [1.0, 0.0, 1.0]}, "std must be above 0"),
        ({"mean": float("nan")}, "mean must be .*finite|mean is .*finite|mean must be a"),
        ({"weights_key": "state_dict"}, "weights_key needs weights"),
        ({"mean": "0"}, "mean must be a number"),
    ],
)
def test_what_does_not_fit_is_refused(keys: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidSettings, match=says):
        read(Network, {"factory": "a:b"} | keys)


def test_an_onnx_file_takes_no_arguments() -> None:
    with pytest.raises(InvalidSettings, match="arguments belong to factory"):
        read(Network, {"onnx": "f.onnx", "arguments": {"classes": 2}})
