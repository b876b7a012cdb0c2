"""A forest of scikit-learn as the one operator that holds trees: TreeEnsembleRegressor."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper


def tree_ensemble(forest: Any, value: str, name: str) -> onnx.NodeProto:
    """The mean over the trees of the second class's share in the leaf, as scikit-learn's own.

    Args:
        forest: a fitted RandomForestClassifier of two classes.
        value: the input's name, float32 [n, N].
        name: the output's, float32 [n, 1].
    """
    columns: dict[str, Any] = {key: [] for key in _KEYS}
    for number, tree in enumerate(each.tree_ for each in forest.estimators_):
        leaf = tree.children_left < 0
        count = tree.node_count
        columns["nodes_treeids"] += [number] * count
        columns["nodes_nodeids"] += range(count)
        columns["nodes_featureids"] += np.where(leaf, 0, tree.feature).tolist()
        columns["nodes_modes"] += np.where(leaf, "LEAF", "BRANCH_LEQ").tolist()
        columns["nodes_values"] += np.where(leaf, 0, _rounded_down(tree.threshold)).tolist()
        columns["nodes_truenodeids"] += np.where(leaf, 0, tree.children_left).tolist()
        columns["nodes_falsenodeids"] += np.where(leaf, 0, tree.children_right).tolist()
        leaves = np.flatnonzero(leaf)
        votes = tree.value[leaves, 0]
        share = votes[:, 1] / votes.sum(axis=1) / len(forest.estimators_)
        columns["target_treeids"] += [number] * len(leaves)
        columns["target_nodeids"] += leaves.tolist()
        columns["target_ids"] += [0] * len(leaves)
        columns["target_weights"] += share.tolist()
    return helper.make_node(
        "TreeEnsembleRegressor",
        [value],
        [name],
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        post_transform="NONE",
        **columns,
    )


_KEYS = (
    "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_modes", "nodes_values",
    "nodes_truenodeids", "nodes_falsenodeids",
    "target_treeids", "target_nodeids", "target_ids", "target_weights",
)  # fmt: skip


def _rounded_down(thresholds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The largest float32 at most as large: float32 values compare with it as with the original."""
    near = thresholds.astype(np.float32)
    below = np.nextafter(near, np.float32(-np.inf), dtype=np.float32)
    return np.where(near > thresholds, below, near).astype(np.float64)
