from __future__ import annotations

from typing import Any

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.settings import read
from sonoedge_export.recipe.outputs import Output, Outputs


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({}, "give lesion_map, or class_probs"),
        ({"class_probs": {"channels": [1]}}, "class_probs.channels and .over are for maps"),
        ({"lesion_map": {"channels": []}}, "channels must be one or more different channels"),
        ({"lesion_map": {"over": [-1]}}, "over must be one or more different channels"),
        ({"lesion_map": {"activation": "none", "temperature": 2.0}}, "temperature divides logits"),
        ({"lesion_map": {"activation": "softmax", "bias": 1.0}}, "bias needs activation"),
        ({"class_probs": {}, "malignancy_map": {}}, "malignancy_map needs lesion_map"),
        ({"lesion_map": "none", "class_probs": {}, "map_hw": [8, 8]}, "there are no maps"),
        ({"lesion_map": "no", "class_probs": {}}, "lesion_map is 'no'; allowed: 'none'"),
    ],
)
def test_a_key_that_could_not_be_used_is_refused(keys: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidSettings, match=says):
        read(Outputs, keys)


def test_a_classifier_has_an_activation_map_unless_none_is_asked_for() -> None:
    assert Outputs(class_probs=Output()).activation_map
    alone = read(Outputs, {"lesion_map": "none", "class_probs": {}})
    assert not alone.activation_map
    assert alone.get("lesion_map") is None
