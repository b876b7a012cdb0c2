"""How much each channel matters; what is cut is decided elsewhere.

magnitude: norm of all weights that make or read the channel (Li et al. 2017,
arXiv:1608.08710, over coupled layers). taylor: change of the loss to first order
(Molchanov et al. 2019, arXiv:1906.10771). batchnorm: scale after normalization (Liu et
al. 2017, arXiv:1708.06519). Norms and scales say something within their layer alone and are
divided by its mean; a change of the loss is the same thing in every layer, and is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import torch_pruning as tp
from torch import Tensor

from sonoedge.errors import InvalidSettings
from sonoedge_export.prune.coupling import Coupled

IMPORTANCES: Final[dict[str, Any]] = {
    "magnitude": partial(tp.importance.GroupMagnitudeImportance, normalizer="mean"),
    "taylor": partial(tp.importance.GroupTaylorImportance, normalizer=None),
    "batchnorm": partial(tp.importance.BNScaleImportance, normalizer="mean"),
}


def importances(kind: str, groups: Sequence[Coupled]) -> dict[str, Tensor]:
    """Each group's channels, float32 [channels], by root.

    "magnitude" and "batchnorm": 1 is the group's mean.
    For "taylor" the network's parameters must hold gradients.

    Raises:
        InvalidSettings: a group has nothing that this importance is read from.
    """
    measure = IMPORTANCES[kind]()
    scores = {}
    for coupled in groups:
        score = measure(coupled.group)
        if score is None or len(score) != coupled.channels:
            raise InvalidSettings(
                f"importance {kind} cannot be read at {coupled.root}; protect it, or take magnitude"
            )
        scores[coupled.root] = score.detach().float().cpu()
    return scores
