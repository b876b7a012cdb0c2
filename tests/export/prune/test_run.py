from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import PruningRefused
from sonoedge_export.progress import Stages
from sonoedge_export.prune.stage import prune
from sonoedge_export.recipe.recipe import read_recipe


def test_what_is_reported_is_what_was_written(place: Path, unclocked: dict[str, Any]) -> None:
    done = prune(
        read_recipe(place / "recipe.toml"), place / "out", Stages(io.StringIO()), **unclocked
    )
    assert json.loads((place / "out" / "report.json").read_text()) == done.report
    assert done.weights == place / "out" / "small-slim.safetensors"
    written = sum(p.numel() for p in done.network.parameters())
    assert written == done.report["pruned"]["parameters"]


def test_a_gain_that_recovery_lost_again_is_refused(place: Path, unclocked: dict[str, Any]) -> None:
    calls = 0

    def slower_at_last(runtimes: dict[str, Any]) -> dict[str, float]:
        nonlocal calls
        calls += 1
        written = any((place / "out").glob("*-slim.json"))
        return {n: 9.0 if "parent" in n or written else 1.0 for n in runtimes}

    with pytest.raises(PruningRefused, match=r"9\.00 -> 9\.00 ms"):
        prune(
            read_recipe(place / "recipe.toml"),
            place / "out",
            Stages(io.StringIO()),
            **unclocked | {"timer": slower_at_last},
        )
    assert calls > 1
    assert not (place / "out" / "report.json").exists()
