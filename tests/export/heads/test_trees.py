"""A forest in the one operator that holds trees, decision by decision."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn")

from head_samples import fitted, rows
from sonoedge_export.heads.to_onnx import to_onnx
from sonoedge_export.heads.trees import _rounded_down
from sonoedge_export.heads.verify import ask_head, load_head


def test_a_value_at_a_threshold_goes_where_the_forest_sends_it() -> None:
    head = fitted("forest")
    tree = head.estimator.estimators_[0].tree_
    at = np.flatnonzero(tree.children_left >= 0)[:20]
    measures = np.repeat(rows(1, seed=5).measures, 2 * len(at), axis=0)
    for number, node in enumerate(at):
        below = np.float32(tree.threshold[node])
        measures[2 * number, tree.feature[node]] = below
        measures[2 * number + 1, tree.feature[node]] = np.nextafter(below, np.float32(np.inf))
    answers = ask_head(load_head(to_onnx(head)), measures)
    assert np.abs(answers - head.probabilities(measures)).max() < 1e-5


def test_thresholds_are_never_rounded_up() -> None:
    thresholds = np.random.default_rng(0).normal(size=1000)
    rounded = _rounded_down(thresholds)
    assert (rounded <= thresholds).all()
    assert (rounded == rounded.astype(np.float32)).all()
    assert (np.nextafter(rounded.astype(np.float32), np.float32(np.inf)) > thresholds).all()
