from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sonoedge.errors import InvalidSettings
from sonoedge_export.recipe.network import Network


def scaled(network: Network) -> float:
    from subject import Subject  # type: ignore[import-not-found]

    subject = Subject.__new__(Subject)
    object.__setattr__(subject, "recipe", SimpleNamespace(network=network))
    return float(subject.scaled(np.full((1, 1, 2, 2), 255, np.uint8))[0, 0, 0, 0])


def test_grey_levels_are_scaled_as_the_recipe_says_or_leaves_open(peer_modules: Path) -> None:
    assert scaled(Network(factory="a:b")) == 1.0  # -1 to 1
    assert scaled(Network(factory="a:b", mean=0.0, std=255.0)) == 1.0
    assert scaled(Network(factory="a:b", mean=(155.0,), std=(50.0,))) == 2.0


def test_a_network_scaled_by_channel_is_no_peer(peer_modules: Path) -> None:
    network = Network(factory="a:b", channels=3, mean=(1.0, 2.0, 3.0), std=(4.0, 5.0, 6.0))
    with pytest.raises(InvalidSettings, match="one mean"):
        scaled(network)
