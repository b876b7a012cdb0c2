"""Which measures a head leans on: how much AUROC it loses where one is shuffled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sonoedge.bundle.heads import is_embedded
from sonoedge_export.evaluation.metrics import auroc
from sonoedge_export.heads.fit import SEED, Fitted
from sonoedge_export.heads.rows import Rows

REPEATS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """One measure's, or one group's.

    Attributes:
        name: of the measure, such as "glcm.contrast"; of a group, such as "glcm".
        mean, sd: AUROC lost over the repeats; below 0 where shuffling helped.
    """

    name: str
    mean: float
    sd: float


def importance(head: Fitted, rows: Rows) -> tuple[list[Importance], list[Importance]]:
    """By measure and by group, most important first (Breiman 2001; Fisher et al. 2019).

    A measure whose like is among the others loses little where it is shuffled alone: the groups
    are shuffled whole.

    Args:
        rows: of the frames that chose, with the head's measures; missed lesions are left out.
    """
    seen = rows.take(rows.found)
    groups: dict[str, list[int]] = {}
    for at, name in enumerate(seen.names):
        groups.setdefault(name.partition(".")[0], []).append(at)
    # An embedding's components have no meaning of their own: they are one measure.
    measures = [(name, [at]) for at, name in enumerate(seen.names) if not is_embedded(name)]
    whole = [(name, at) for name, at in groups.items() if name == "embedding"]
    by_measure = [_shuffled(head, seen, *each) for each in (*measures, *whole)]
    by_group = [_shuffled(head, seen, name, at) for name, at in groups.items()]
    return _ranked(by_measure), _ranked(by_group)


def _shuffled(head: Fitted, rows: Rows, name: str, columns: list[int]) -> Importance:
    rng = np.random.default_rng(SEED)
    # All repeats in one call: a forest's costs lie in its calls.
    measures = np.tile(rows.measures, (REPEATS + 1, 1, 1))
    for shuffled in measures[1:]:
        shuffled[:, columns] = shuffled[rng.permutation(len(rows))][:, columns]
    p = head.probabilities(measures.reshape(-1, measures.shape[2])).reshape(REPEATS + 1, -1)
    whole, *others = [auroc(each, rows.malignant) or 0.0 for each in p]
    lost = [whole - other for other in others]
    return Importance(name=name, mean=float(np.mean(lost)), sd=float(np.std(lost)))


def _ranked(rows: list[Importance]) -> list[Importance]:
    return sorted(rows, key=lambda each: (-each.mean, each.name))
