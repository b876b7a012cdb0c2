from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sonoedge_export.graph.load_network import load_network
from sonoedge_export.progress import Stages
from sonoedge_export.prune.accuracy import NetworkAccuracy
from sonoedge_export.prune.blind import blind_warnings
from sonoedge_export.prune.stage import prune
from sonoedge_export.recipe.recipe import read_recipe

SEES = {"dice a": 0.8, "auroc a": 0.9}
BLIND = {"dice a": 0.0, "auroc a": 0.5}


def test_it_is_said_where_no_candidate_finds_what_the_network_finds() -> None:
    (told,) = blind_warnings(SEES, [BLIND, {}, {"dice a": 0.01}], "magnitude")
    assert "none of 2 candidates finds anything before recovery" in told
    assert 'importance = "taylor"' in told
    assert "protect" in told
    assert "the candidate finds nothing" in blind_warnings(SEES, [BLIND], "batchnorm")[0]


def test_a_ranking_that_is_in_use_is_not_advised() -> None:
    (told,) = blind_warnings(SEES, [BLIND], "taylor")
    assert "importance" not in told
    assert "in [prune], keep layers with protect" in told


@pytest.mark.parametrize(
    ("unpruned", "candidates"),
    [(SEES, []), (SEES, [{}]), (SEES, [BLIND, {"dice a": 0.02}]), (BLIND, [BLIND]), ({}, [{}])],
    ids=["none", "not looked at", "one sees", "unpruned is blind", "no frames"],
)
def test_otherwise_nothing_is_said(
    unpruned: dict[str, float], candidates: list[dict[str, float]]
) -> None:
    assert blind_warnings(unpruned, candidates, "magnitude") == []


def test_a_report_of_blind_candidates_says_so_in_each_form(
    place: Path, unclocked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(self: NetworkAccuracy, network: Any, data: Any) -> dict[str, float]:
        return SEES if sum(p.numel() for p in network.parameters()) == whole[0] else BLIND

    recipe = read_recipe(place / "recipe.toml")
    whole = [sum(p.numel() for p in load_network(recipe).parameters())]
    monkeypatch.setattr(NetworkAccuracy, "measure", measure)
    done = prune(recipe, place / "out", Stages(), **unclocked)
    (told,) = done.report["warnings"]
    assert f"**Warning:** {told}" in (place / "out" / "report.md").read_text()
    assert json.loads((place / "out" / "report.json").read_text())["warnings"] == [told]
