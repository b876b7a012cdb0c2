"""In which order channels go, a block at a time, and how wide that leaves each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor

from sonoedge_export.prune.coupling import Coupled


def order(
    groups: Sequence[Coupled],
    scores: Mapping[str, Tensor],
    *,
    spread: Literal["global", "uniform"],
    multiple: int,
    most: float,
) -> list[tuple[str, int]]:
    """Blocks, first to go first: (root, how many channels).

    A block is `multiple` channels, or what a layer has above a multiple. A layer keeps at
    least one block and the share 1 - most.
    """
    blocks: list[tuple[float, str, int]] = []
    for coupled in groups:
        ranked = scores[coupled.root].sort().values
        removed = 0
        size = coupled.channels % multiple or multiple
        least = max(multiple, coupled.channels * (1 - most))
        while coupled.channels - removed - size >= least:
            block = ranked[removed : removed + size]
            removed += size
            key = removed / coupled.channels if spread == "uniform" else float(block.mean())
            blocks.append((key, coupled.root, size))
            size = multiple
    blocks.sort(key=lambda b: b[0])  # stable: equal ones stay in the network's order
    return [(root, size) for _, root, size in blocks]


def widths(groups: Sequence[Coupled], removed: Sequence[tuple[str, int]]) -> dict[str, int]:
    """How many channels each root keeps when these blocks are gone."""
    kept = {c.root: c.channels for c in groups}
    for root, size in removed:
        kept[root] -= size
    return kept


def intermediate_widths(
    full: Mapping[str, int], final: Mapping[str, int], step: int, steps: int, multiple: int
) -> dict[str, int]:
    """Widths after one of several steps, in multiples; the last step's are the final ones."""
    if step == steps:
        return dict(final)
    partial = {}
    for root, width in full.items():
        cut = (width - final[root]) * step / steps
        remaining = final[root] + multiple * round((width - cut - final[root]) / multiple)
        partial[root] = min(width, remaining)
    return partial


def least_important(
    groups: Sequence[Coupled], scores: Mapping[str, Tensor], kept: Mapping[str, int]
) -> dict[str, list[int]]:
    """Indices of the channels that must go to reach these widths, by root."""
    cut = {}
    for coupled in groups:
        count = coupled.channels - kept[coupled.root]
        if count > 0:
            first = torch.argsort(scores[coupled.root], stable=True)[:count]
            cut[coupled.root] = sorted(int(i) for i in first)
    return cut
