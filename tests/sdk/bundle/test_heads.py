"""A manifest's second opinion is refused where no export would write it."""

from __future__ import annotations

from typing import Any

import pytest

from sonoedge.bundle.heads import Head
from sonoedge.errors import InvalidSettings
from sonoedge.settings import plain, read

HEAD: dict[str, Any] = {
    "name": "second",
    "kind": "logistic",
    "inputs": ["features"],
    "measures": ["shape.a", "shape.b"],
    "model": "heads/second.onnx",
    "golden": "golden/head-second.npz",
    "golden_rows": 16,
    "network_sha256": "0" * 64,
    "threshold": 0.4,
    "fitted_on": [],
    "chosen_on": [],
    "settings": {"C": 0.1},
    "auroc": 0.8,
    "gain": {"mean": -0.002, "ci95": [-0.01, 0.005]},
    "fused": None,
    "variants": ["onnxruntime-fp32"],
    "left_out": {},
}


def test_it_is_read_as_it_was_written() -> None:
    head = read(Head, HEAD)
    assert plain(head) == HEAD
    assert [(t.name, t.dtype, t.shape) for t in head.tensors] == [
        ("features", "float32", (1, 2)),
        ("class_probs", "float32", (1, 2)),
    ]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"kind": "boosted"}, "kind"),
        ({"inputs": []}, "inputs"),
        ({"inputs": ["embedding"]}, "inputs"),
        ({"inputs": ["features", "features"]}, "inputs"),
        ({"inputs": ["features", "embedding"]}, "inputs"),
        ({"measures": []}, "measures"),
        ({"measures": ["shape.a", "shape.a"]}, "measures"),
        ({"measures": [f"m{i}" for i in range(8193)]}, "measures"),
        ({"golden_rows": 0}, "golden_rows"),
        ({"golden_rows": 65}, "golden_rows"),
        ({"threshold": 0}, "threshold"),
        ({"threshold": float("nan")}, "threshold"),
        ({"name": "../x"}, "name"),
        ({"masks": "drawn"}, "masks is unknown"),
    ],
)
def test_what_no_export_writes_is_refused(values: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidSettings, match=why):
        read(Head, HEAD | values)


@pytest.mark.parametrize(
    ("ci95", "fused", "verdict"),
    [
        ([0.01, 0.02], True, "fused: the interval lies above 0"),
        ([-0.01, 0.02], False, "not fused: the interval does not lie above 0"),
        ([0.0, 0.02], False, "not fused: the interval does not lie above 0"),
        ([-0.01, 0.02], True, "fused by the recipe's order: the interval does not lie above 0"),
        ([0.01, 0.02], False, "not fused by the recipe's order: the interval lies above 0"),
        (None, False, "not fused: the gain has no interval"),
    ],
)
def test_the_verdict_on_fusion_says_what_the_interval_says(
    ci95: list[float] | None, fused: bool, verdict: str
) -> None:
    way = {"intercept": 0.0, "network": 1.0, "head": 1.0} if fused else None
    gain = {"mean": 0.015, "ci95": ci95}
    assert read(Head, HEAD | {"gain": gain, "fused": way}).fusion_verdict == verdict
