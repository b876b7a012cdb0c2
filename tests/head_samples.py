"""Measured regions that were never measured: two classes that differ in some columns."""

from __future__ import annotations

import numpy as np

from sonoedge_export.heads.fit import Fitted, fit
from sonoedge_export.heads.rows import Rows
from sonoedge_export.recipe.head import Kind

FEW = {"forest": {"trees": (20.0,), "leaf": (5.0,)}, "network": {"alpha": (3.0,)}}


def rows(count: int, *, seed: int = 0, columns: int = 20, per_patient: int = 2) -> Rows:
    """Every fifth column tells the classes apart a little; the network does somewhat."""
    rng = np.random.default_rng(seed)
    malignant = rng.random(count) < 0.35
    scale = np.arange(1, columns + 1)
    shift = np.where(np.arange(columns) % 5 == 0, 1.0, 0.0)
    values = (rng.normal(size=(count, columns)) + malignant[:, None] * shift) * scale + 5
    return Rows(
        measures=values.astype(np.float32),
        found=np.ones(count, dtype=bool),
        malignant=malignant,
        suspicion=1 / (1 + np.exp(-(rng.normal(size=count) + 2.0 * malignant - 1.0))),
        patients=np.array([f"drawn{seed}/{i // per_patient}" for i in range(count)]),
        frames=np.arange(count),
        names=tuple(f"{'even' if i % 2 == 0 else 'odd'}.{i}" for i in range(columns)),
    )


def fitted(kind: Kind) -> Fitted:
    """A small head of a kind."""
    return fit(kind, FEW.get(kind, {}), rows(300), rows(120, seed=1))
