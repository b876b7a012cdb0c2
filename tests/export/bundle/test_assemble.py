"""A bundle that is written is one that opens, whatever frames it was judged on."""

from __future__ import annotations

import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

import sonoedge
from sonoedge.bundle import read_bundle
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import InvalidData
from sonoedge.sbom.of_bundle import read_sbom
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import read_recipe

EARLIER = Earlier(latency_ms={"onnxruntime-fp32": 1.0})


def blacken(workplace: Path, *numbers: int) -> None:
    for number in numbers:
        file = workplace / "frames" / f"f{number}.png"
        black = np.zeros_like(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE))
        cv2.imwrite(str(file), black)


def test_frames_that_the_guard_stops_are_never_golden_and_the_bundle_opens(
    workplace: Path,
) -> None:
    blacken(workplace, 0, 3)
    text = (workplace / "recipe.toml").read_text().replace("golden = 3", "golden = 64")
    (workplace / "recipe.toml").write_text(text)
    recipe = read_recipe(workplace / "recipe.toml")
    export_bundle(recipe, workplace / "b", Stages(io.StringIO()), earlier=EARLIER)
    bundle = read_bundle(workplace / "b")
    frames = bundle.golden_frames()
    assert len(frames) == 6
    assert all(frame.any() for frame in frames)
    golden = json.loads((workplace / "b" / "golden" / "onnxruntime-fp32.json").read_text())
    assert {frame["flagged"] for frame in golden["frames"]} == {False, True}
    with sonoedge.open(workplace / "b", EngineOptions(runtime="onnxruntime")) as analyser:
        assert analyser.origin.bundle_id == bundle.manifest.bundle_id


def test_data_that_the_guard_stops_altogether_are_refused_in_words(workplace: Path) -> None:
    blacken(workplace, *range(8))
    recipe = read_recipe(workplace / "recipe.toml")
    with pytest.raises(InvalidData):
        export_bundle(recipe, workplace / "b", Stages(io.StringIO()), earlier=EARLIER)
    assert not (workplace / "b").exists()


def test_a_card_and_a_bill_of_materials_reach_the_bundle_in_the_version_asked_for(
    workplace: Path,
) -> None:
    file = workplace / "recipe.toml"
    row = '[[card.data]]\nname = "drawn"\nused_for = "test"\nlicence = "CC0-1.0"\n'
    file.write_text(file.read_text() + f'[card]\nusers = "nobody"\n{row}')
    recipe = read_recipe(file)
    texts = []
    for name in ("a", "b"):
        out = workplace / name
        stages = Stages(io.StringIO())
        export_bundle(recipe, out, stages, earlier=EARLIER, cyclonedx="1.7")
        texts.append((out / "sbom.cdx.json").read_text())
    assert texts[0] == texts[1]
    bundle = read_bundle(workplace / "a")
    assert bundle.manifest.card == recipe.card
    document = json.loads(read_sbom(bundle))
    assert document["specVersion"] == "1.7"
    card = document["metadata"]["component"]["modelCard"]
    assert card["considerations"]["users"] == ["nobody"]
