from __future__ import annotations

from typing import Any

import torch

from sonoedge_export.prune.coupling import Coupled
from sonoedge_export.prune.widths import intermediate_widths, least_important, order, widths


def group(root: str, channels: int) -> Coupled:
    return Coupled(root=root, layers=(root,), channels=channels, group=None)


WIDE, ODD = group("wide", 64), group("odd", 40)
SCORES = {"wide": torch.arange(64.0), "odd": torch.arange(40.0) / 1000}


def ordered(**changes: Any) -> list[tuple[str, int]]:
    settings: dict[str, Any] = {"spread": "global", "multiple": 16, "most": 0.75} | changes
    return order([WIDE, ODD], SCORES, **settings)


def test_the_least_important_block_of_all_layers_goes_first() -> None:
    assert ordered() == [("odd", 8), ("odd", 16), ("wide", 16), ("wide", 16), ("wide", 16)]


def test_a_uniform_spread_takes_the_same_share_everywhere() -> None:
    assert [root for root, _ in ordered(spread="uniform")] == [
        "odd", "wide", "wide", "odd", "wide"
    ]  # fmt: skip


def test_a_layer_keeps_its_share() -> None:
    assert ordered(most=0.5) == [("odd", 8), ("wide", 16), ("wide", 16)]


def test_widths_are_multiples_whatever_goes() -> None:
    blocks = ordered()
    for count in range(1, len(blocks) + 1):
        kept = widths([WIDE, ODD], blocks[:count])
        assert all(kept[c.root] % 16 == 0 or kept[c.root] == c.channels for c in (WIDE, ODD))


def test_steps_lead_to_the_same_widths_in_multiples() -> None:
    full, final = {"wide": 64, "odd": 40}, {"wide": 16, "odd": 32}
    way = [intermediate_widths(full, final, step, 3, 16) for step in (1, 2, 3)]
    assert way == [{"wide": 48, "odd": 32}, {"wide": 32, "odd": 32}, final]


def test_the_channels_cut_are_the_least_important() -> None:
    scores = {"wide": torch.arange(64.0).flip(0), "odd": SCORES["odd"]}
    cut = least_important([WIDE, ODD], scores, {"wide": 48, "odd": 40})
    assert cut == {"wide": list(range(48, 64))}
