from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sonoedge_export.bundle.lineage import lineage
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.recipe.recipe import read_recipe


def test_what_a_bundle_was_made_of_is_kept_by_digest(workplace: Path) -> None:
    (workplace / "weights.pt").write_bytes(b"weights")
    text = (workplace / "recipe.toml").read_text()
    text = text.replace("[network]", '[network]\nweights = "weights.pt"')
    (workplace / "recipe.toml").write_text(text)
    recipe = read_recipe(workplace / "recipe.toml")
    frames = read_labelled(workplace / "frames" / "frames.json")
    plain = SimpleNamespace(name="a", model=SimpleNamespace(quantized=None))
    int8 = SimpleNamespace(name="b", model=SimpleNamespace(quantized={"int8_nodes": []}))
    kept = lineage(
        recipe,
        cast(Any, SimpleNamespace(parameters=434)),
        sets=[frames],
        operating_point_sets=[frames],
        candidates=cast(Any, [plain, int8]),
        left_out={"c": "slower"},
    )
    assert kept["weights_sha256"] == hashlib.sha256(b"weights").hexdigest()
    assert kept["data"] == kept["operating_point"]
    (data,) = kept["data"]
    assert data == {"name": "drawn", "split": None, "frames": 8, "sha256": frames.sha256()}
    assert kept["quantized"] == {"b": {"int8_nodes": []}}
    assert kept["left_out"] == {"c": "slower"}
    assert kept["parameters"] == 434
    assert kept["tools"]["sonoedge"]
