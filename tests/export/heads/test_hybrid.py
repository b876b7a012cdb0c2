"""Heads that are told the network's embedding, alone or beside the measures of a region."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("openvino", reason="needs OpenVINO")
pytest.importorskip("sklearn", reason="needs scikit-learn")

import sonoedge
from head_bundle import copied, describe, frame, make_place
from sonoedge import Analysed, Described
from sonoedge.bundle import read_bundle
from sonoedge.cli import main
from sonoedge.errors import InvalidManifest, InvalidRecipe
from sonoedge.heads import NoOpinion, NoOpinionReason, Opinion, Outcome, golden_rows
from sonoedge_bench.reliability.drive import wait_until
from sonoedge_export.recipe.recipe import read_recipe

LONG_MS = 60_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_place(tmp_path_factory.mktemp("hybrid"), embedded=True)


def opinions(description: object) -> dict[str, Outcome]:
    assert isinstance(description, Described)
    return {each.name: each for each in description.opinions}


@pytest.mark.req("R87")
def test_every_kind_of_input_speaks_and_its_graph_is_its_estimator(place: Path) -> None:
    bundle = read_bundle(place / "bundle")
    told = {head.name: head for head in bundle.manifest.heads}
    assert told["embedding"].measures == tuple(f"embedding.{n}" for n in range(4))
    assert told["hybrid"].measures[-4:] == told["embedding"].measures
    assert told["hybrid"].measures[:-4] == told["second-opinion"].measures
    report = json.loads((place / "bundle/verification.json").read_text())["heads"]
    assert max(row["estimator_difference"] for row in report.values()) <= 1e-4
    for head in told.values():
        assert golden_rows(bundle, head)[0]["features"].shape == (1, len(head.measures))
    said = opinions(describe(place))
    assert all(isinstance(each, Opinion) for each in said.values())


def test_a_head_is_told_the_embedding_of_the_very_frame(place: Path) -> None:
    with sonoedge.open(place / "bundle", tracking=False) as analyser:
        one, other = frame(place, "choose/f1.png"), frame(place, "choose/f3.png")
        first, second = analyser.analyse(one), analyser.analyse(other)
        assert isinstance(first, Analysed)
        assert isinstance(second, Analysed)
        alone = opinions(analyser.describe(one, first.regions[0]))
        again = analyser.analyse(one)
        assert isinstance(again, Analysed)
    a, b = first.regions[0].embedding, second.regions[0].embedding
    assert a is not None
    assert b is not None
    assert not np.array_equal(a, b)
    assert np.array_equal(a, again.regions[0].embedding)  # type: ignore[arg-type]
    assert not a.flags.writeable
    assert opinions(describe(place)) == alone


@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_a_session_gives_the_opinions_that_an_analyser_gives(place: Path, isolation: Any) -> None:
    with sonoedge.live(
        place / "bundle",
        max_age_ms=LONG_MS,
        isolation=isolation,
        tracking=False,
        describe_every_ms=LONG_MS,
    ) as session:
        session.submit(frame(place, "choose/f1.png"))
        assert session.drain(30)
        assert wait_until(lambda: session.description() is not None)
        for name in ("choose/f3.png", "choose/f5.png"):
            session.submit(frame(place, name))
            assert session.drain(30)
        said = session.description()
    assert said is not None
    assert opinions(said.description) == opinions(describe(place))


def test_a_region_without_an_embedding_gets_no_opinion_of_it(place: Path) -> None:
    import dataclasses

    with sonoedge.open(place / "bundle", tracking=False) as analyser:
        shown = frame(place, "choose/f1.png")
        analysis = analyser.analyse(shown)
        assert isinstance(analysis, Analysed)
        bare = dataclasses.replace(analysis.regions[0], embedding=None)
        said = opinions(analyser.describe(shown, bare))
    for name in ("embedding", "hybrid"):
        assert said[name] == NoOpinion(name=name, reason=NoOpinionReason.NO_EMBEDDING)
    assert isinstance(said["second-opinion"], Opinion)


@pytest.mark.req("R87")
def test_a_head_that_needs_an_embedding_is_refused_where_the_graphs_give_none(
    place: Path, tmp_path: Path
) -> None:
    def without(data: dict[str, Any]) -> None:
        data["outputs"] = [each for each in data["outputs"] if each["name"] != "embedding"]

    with pytest.raises(InvalidManifest, match="embedding is told the network's embedding"):
        read_bundle(copied(place, tmp_path / "b", without))


@pytest.mark.req("R87")
def test_a_recipe_without_an_embedding_is_refused_before_anything_is_computed(
    place: Path,
) -> None:
    text = (place / "recipe.toml").read_text()
    cut = place / "cut.toml"
    cut.write_text(text.replace('[outputs.embedding]\nlayer = "texture"\n', ""))
    with pytest.raises(InvalidRecipe, match=r"head embedding: .*needs \[outputs.embedding\]"):
        read_recipe(cut)


def test_inspect_says_what_each_head_is_told(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(place / "bundle")]) == 0
    shown = capsys.readouterr().out
    assert "embedding: logistic, 4 components of the embedding" in shown
    assert "hybrid: svm-rbf, 117 measures and 4 components of the embedding" in shown


def test_an_embedding_counts_as_one_measure(place: Path) -> None:
    table = json.loads((place / "bundle/heads/hybrid.json").read_text())
    for rows in (table["importance"], table["importance_by_group"]):
        assert [row["name"] for row in rows].count("embedding") == 1
        assert not any(row["name"].startswith("embedding.") for row in rows)
