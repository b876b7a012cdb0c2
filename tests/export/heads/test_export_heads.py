"""From a recipe with [[head]], [certainty] and [clinical] to descriptions on a device."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, EngineOptions, Frame
from sonoedge.bundle import read_bundle
from sonoedge.bundle.golden_file import write_outputs
from sonoedge.certainty import CalibratedOn, Certainty
from sonoedge.cli import main
from sonoedge.comparison import compare
from sonoedge.description import Described, Description
from sonoedge.errors import (
    DigestMismatch,
    GoldenMismatch,
    InvalidData,
    InvalidManifest,
    InvalidRecipe,
    InvalidSettings,
)
from sonoedge.heads import NoOpinion, Opinion, golden_rows, load_heads
from sonoedge.measure import NAMES
from sonoedge.outputs.opinions import opinion_values
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import read_recipe

TINY = Path(__file__).parents[2] / "tiny"
LATENCIES = {"onnxruntime-fp32": 1.0, "openvino-fp32": 2.0}
TABLES = """
[measure]

[[head]]
name = "second-opinion"
kind = "logistic"
settings = { C = [0.03, 0.1] }
fit = { frames = ["fit/frames.json"] }
choose = { frames = ["choose/frames.json"] }
fuse = "on"

[certainty]
alpha = 0.1
choose = { frames = ["choose/frames.json"] }

[[certainty.measure]]
frames = ["fit/frames.json"]

[clinical.age_years]
centre = 50
per_unit = 0.03
lowest = 18
highest = 100
source = "drawn, for tests alone"
"""


def write_frames(folder: Path, count: int, first: int) -> None:
    """Drawn frames whose classes also differ in shape: benign discs, malignant stars."""
    rng = np.random.default_rng(first)
    folder.mkdir(parents=True)
    rows = []
    for n in range(count):
        malignant = n % 2 == 1
        pixels = rng.integers(140, 200, (120, 160), dtype=np.uint8)
        mask = np.zeros_like(pixels)
        angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        radius = rng.integers(16, 24) * (1 + (0.25 if malignant else 0) * np.sin(5 * angle))
        centre = np.array([rng.integers(50, 110), rng.integers(45, 75)])
        points = centre + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        cv2.fillPoly(mask, [points.astype(np.int32)], 255)
        # The network grades by darkness, which tells the classes apart in most frames only.
        pixels[mask > 0] = 10 if malignant != (rng.random() < 0.2) else 55
        cv2.imwrite(str(folder / f"f{n}.png"), pixels)
        cv2.imwrite(str(folder / f"m{n}.png"), mask)
        label = "malignant" if malignant else "benign"
        rows.append({"image": f"f{n}.png", "mask": f"m{n}.png", "label": label})
        rows[-1] |= {"patient": f"p{first + n}", "spacing_mm": [0.2, 0.2]}
    (folder / "frames.json").write_text(json.dumps({"name": folder.name, "frames": rows}))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe with heads, its frames, and the bundle that it gives: bundle/."""
    folder = tmp_path_factory.mktemp("heads")
    for name in ("recipe.toml", "network.py"):
        (folder / name).write_text((TINY / name).read_text())
    write_frames(folder / "fit", 60, 0)
    write_frames(folder / "choose", 60, 500)
    recipe = folder / "recipe.toml"
    text = recipe.read_text().replace("frames/frames.json", "choose/frames.json")
    recipe.write_text(text + TABLES)
    export(recipe, folder / "bundle")
    return folder


def export(recipe: Path, out: Path) -> None:
    stages = Stages(io.StringIO())
    export_bundle(read_recipe(recipe), out, stages, earlier=Earlier(latency_ms=LATENCIES))


def frame(place: Path, name: str) -> Frame:
    pixels = cv2.imread(str(place / name), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    return Frame(pixels=pixels.astype(np.uint8), spacing_mm=(0.2, 0.2))


def describe(place: Path, name: str = "choose/f1.png", **examination: Any) -> Description:
    with sonoedge.open(place / "bundle", tracking=False) as analyser:
        shown = frame(place, name)
        analysis = analyser.analyse(shown)
        assert isinstance(analysis, Analysed)
        return analyser.describe(shown, analysis.regions[0], examination=examination)


def test_a_description_holds_the_second_opinion_the_certainty_and_what_was_used(
    place: Path,
) -> None:
    description = describe(place, age_years=70)
    assert isinstance(description, Described)
    (opinion,) = description.opinions
    assert isinstance(opinion, Opinion)
    assert opinion.name == "second-opinion"
    assert opinion.suspicion > 0.5  # a star
    assert opinion.fused is not None
    assert description.certainty in ("benign only", "malignant only", "cannot say")
    assert description.clinical is not None
    assert description.clinical.fused_with == ("age_years",)


@pytest.mark.req("R80")
@pytest.mark.parametrize("examination", [{}, {"age_years": math.nan}, {"age_years": 1968}])
def test_a_value_that_is_none_leaves_the_network_alone(
    place: Path, examination: dict[str, Any]
) -> None:
    description = describe(place, **examination)
    assert isinstance(description, Described)
    assert description.clinical is not None
    assert description.clinical.fused_with == ()
    assert description.clinical.not_used == ("age_years",)


def test_a_head_on_the_other_side_of_its_threshold_disagrees(place: Path) -> None:
    bundle = read_bundle(place / "bundle")
    row = golden_rows(bundle, bundle.manifest.heads[0])[0]
    with load_heads(bundle, "onnxruntime-fp32", bundle.manifest.heads[0].measures) as heads:
        measures = np.asarray(row["features"][0], dtype=np.float32)
        (first,) = heads.ask(measures, suspicion=0.9, flagged=True)
        (second,) = heads.ask(measures, suspicion=0.1, flagged=False)
    assert isinstance(first, Opinion)
    assert isinstance(second, Opinion)
    assert first.disagrees != second.disagrees
    assert first.flagged == (first.suspicion >= bundle.manifest.heads[0].threshold)


def test_what_could_not_be_measured_gets_no_opinion(place: Path) -> None:
    bundle = read_bundle(place / "bundle")
    with load_heads(bundle, "onnxruntime-fp32", NAMES) as heads:
        nothing = heads.ask(None, suspicion=0.9, flagged=True)
        broken = heads.ask(np.full(len(NAMES), np.nan, np.float32), suspicion=0.9, flagged=True)
    expected = NoOpinion(name="second-opinion", reason="NOT_MEASURED")  # type: ignore[arg-type]
    assert nothing == broken == (expected,)


def test_a_head_is_silent_on_a_variant_that_it_was_not_checked_on(place: Path) -> None:
    with load_heads(read_bundle(place / "bundle"), "onnxruntime-int8", NAMES) as heads:
        (answer,) = heads.ask(np.zeros(len(NAMES), np.float32), suspicion=0.9, flagged=True)
    assert isinstance(answer, NoOpinion)
    assert answer.reason.value == "VARIANT_NOT_CHECKED"


@pytest.mark.req("R78")
def test_a_head_whose_measures_are_not_taken_here_is_refused(place: Path) -> None:
    bundle = read_bundle(place / "bundle")
    with pytest.raises(InvalidManifest, match="second-opinion was fitted on 'shape"):
        load_heads(bundle, "onnxruntime-fp32", [n for n in NAMES if not n.startswith("shape")])


def test_the_manifest_tells_where_a_head_comes_from_and_what_it_gained(place: Path) -> None:
    bundle = read_bundle(place / "bundle")
    bundle.check()
    manifest = bundle.manifest
    (head,) = manifest.heads
    assert head.network_sha256 == manifest.files["graphs/fp32.onnx"].sha256
    assert [(f.name, f.frames, f.regions) for f in head.fitted_on] == [("fit", 60, 60)]
    assert [f.name for f in head.chosen_on] == ["choose"]
    assert head.auroc > 0.9
    assert head.gain.mean is not None
    assert head.variants == ("onnxruntime-fp32", "openvino-fp32")
    assert {head.model, head.golden} <= set(manifest.files)
    assert manifest.certainty is not None
    assert manifest.certainty.calibrated_on.patients == 60
    assert [c.name for c in manifest.certainty.measured] == ["fit"]
    assert manifest.clinical["age_years"].source == "drawn, for tests alone"
    report = json.loads(bundle.read("verification.json"))["heads"]["second-opinion"]
    assert report["estimator_difference"] <= 1e-4
    assert report["variants"]["openvino-fp32"]["frames"] == 60
    table = json.loads(bundle.read("heads/second-opinion.json"))
    assert {row["name"] for row in table["importance"]} == set(head.measures)


def test_the_same_recipe_gives_the_same_bytes(place: Path) -> None:
    export(place / "recipe.toml", place / "again")
    for name in ("heads/second-opinion.onnx", "golden/head-second-opinion.npz", "manifest.json"):
        assert (place / "again" / name).read_bytes() == (place / "bundle" / name).read_bytes()


def copied(place: Path, to: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The bundle with another manifest, whose id is computed anew."""
    from sonoedge.bundle.identity import manifest_text

    for file in (place / "bundle").rglob("*.*"):
        target = to / file.relative_to(place / "bundle")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    data = json.loads((to / "manifest.json").read_text())
    change(data)
    (to / "manifest.json").write_text(manifest_text(data))
    return to


@pytest.mark.req("R78")
def test_a_head_without_its_network_is_refused(place: Path, tmp_path: Path) -> None:
    def other(data: dict[str, Any]) -> None:
        data["heads"][0]["network_sha256"] = "0" * 64

    with pytest.raises(InvalidManifest, match="another network"):
        read_bundle(copied(place, tmp_path / "b", other))


@pytest.mark.parametrize("path", ["heads/second-opinion.onnx", "golden/head-second-opinion.npz"])
def test_a_damaged_head_is_refused_before_its_engine_sees_it(
    place: Path, tmp_path: Path, path: str
) -> None:
    bundle = copied(place, tmp_path / "b", lambda data: None)
    damaged = bytearray((bundle / path).read_bytes())
    damaged[-1] ^= 1
    (bundle / path).write_bytes(bytes(damaged))
    with pytest.raises(DigestMismatch, match=path):
        sonoedge.open(bundle)


@pytest.mark.req("R78")
def test_a_head_that_answers_otherwise_than_at_export_is_refused(
    place: Path, tmp_path: Path
) -> None:
    import hashlib

    bundle = read_bundle(place / "bundle")
    head = bundle.manifest.heads[0]
    rows = [dict(row) for row in golden_rows(bundle, head)]
    rows[0]["class_probs"] = rows[0]["class_probs"][:, ::-1]  # the classes swapped
    golden = write_outputs(rows)

    def other(data: dict[str, Any]) -> None:
        digest = {"sha256": hashlib.sha256(golden).hexdigest(), "bytes": len(golden)}
        data["files"][head.golden] = digest

    changed = copied(place, tmp_path / "b", other)
    (changed / head.golden).write_bytes(golden)
    with pytest.raises(GoldenMismatch, match="head second-opinion, golden row 0"):
        sonoedge.open(changed)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('kind = "logistic"', 'kind = "lda"', "kind"),
        ("C = [0.03, 0.1]", "gamma = [1]", "settings.gamma is unknown for logistic"),
        ("C = [0.03, 0.1]", "C = [0]", "settings.C"),
        ('fuse = "on"', 'fuse = "on"\nmasks = "drawn"', "masks is unknown"),
        ('fuse = "on"', 'inputs = ["masks"]', "inputs"),
        ("alpha = 0.1", "alpha = 0.6", "alpha"),
        ("[measure]\n", "", "need \\[measure\\]"),
        ("highest = 100", "highest = 40", "centre"),
        ('"benign", "malignant"', '"harmless", "malignant"', "labels benign"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused_by_its_key(
    place: Path, tmp_path: Path, old: str, new: str, why: str
) -> None:
    text = (place / "recipe.toml").read_text()
    assert old in text
    (tmp_path / "recipe.toml").write_text(text.replace(old, new))
    with pytest.raises(InvalidRecipe, match=why):
        read_recipe(tmp_path / "recipe.toml")


def test_patients_that_are_both_fitted_on_and_chosen_by_are_refused(place: Path) -> None:
    text = (place / "recipe.toml").read_text()
    file = place / "same.toml"
    file.write_text(text.replace('fit = { frames = ["fit/', 'fit = { frames = ["choose/'))
    with pytest.raises(InvalidData, match="60 patients are in fit and in choose"):
        export(file, place / "same")
    assert not (place / "same").exists()


def test_inspect_shows_what_stands_beside_the_network(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(place / "bundle")]) == 0
    shown = capsys.readouterr().out
    for line in (
        "second opinion  second-opinion: logistic",
        "certainty       alpha 0.1",
        "age_years",
    ):
        assert line in shown


def test_every_list_of_the_bundle_names_the_head(place: Path) -> None:
    bundle = read_bundle(place / "bundle")
    sbom = json.loads(bundle.read("sbom.cdx.json"))
    roles = {
        part["name"]: {p["name"]: p["value"] for p in part["properties"]}["sonoedge:role"]
        for part in sbom["components"]
    }
    assert roles["heads/second-opinion.onnx"] == "second opinion second-opinion"
    assert roles["golden/head-second-opinion.npz"].endswith("of second opinion second-opinion")
    card = sbom["metadata"]["component"]["modelCard"]
    types = {row["type"] for row in card["quantitativeAnalysis"]["performanceMetrics"]}
    assert {"malignant frames covered", "AUROC gained with the network, out of fold"} <= types


def test_the_pack_of_evidence_has_their_figures(place: Path, tmp_path: Path) -> None:
    assert main(["evidence", str(place / "bundle"), "--out", str(tmp_path / "pack")]) == 0
    heads = (tmp_path / "pack/csv/opinions-heads.csv").read_text()
    assert "second-opinion,logistic," in heads
    assert "malignant covered" in (tmp_path / "pack/csv/opinions-coverage.csv").read_text()
    assert "drawn, for tests alone" in (tmp_path / "pack/csv/opinions-clinical.csv").read_text()


def test_a_comparison_tells_of_changed_opinions(place: Path, tmp_path: Path) -> None:
    def stricter(data: dict[str, Any]) -> None:
        data["certainty"]["alpha"] = 0.05

    old, new = read_bundle(place / "bundle"), read_bundle(copied(place, tmp_path / "b", stricter))
    changes = compare(old.manifest, new.manifest).of("opinions")
    assert [c.key for c in changes] == ["certainty.alpha"]


def test_thresholds_of_ones_own_frames_count_for_this_bundle_alone(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames, file = place / "fit/frames.json", tmp_path / "own.json"
    words = ["recalibrate", str(place / "bundle"), "--data", str(frames), "--out", str(file)]
    words += ["--variant", "onnxruntime-fp32"]
    assert main(words) == 0
    assert "30 malignant, 30 benign" in capsys.readouterr().out
    engine = EngineOptions(variant="onnxruntime-fp32")
    own = json.loads(file.read_text())["certainty"]
    with sonoedge.open(place / "bundle", engine, tracking=False, certainty=file) as analyser:
        shown = frame(place, "choose/f1.png")
        analysis = analyser.analyse(shown)
        assert isinstance(analysis, Analysed)
        description = analyser.describe(shown, analysis.regions[0])
        assert isinstance(description, Described)
        assert description.certainty == Certainty(
            alpha=0.1,
            benign_up_to=own["benign_up_to"],
            malignant_from=own["malignant_from"],
            calibrated_on=CalibratedOn(**own["calibrated_on"]),
        ).answer(analysis.regions[0].suspicion)
    with pytest.raises(InvalidSettings, match="was calibrated with onnxruntime-fp32 of"):
        sonoedge.open(place / "bundle", EngineOptions(variant="openvino-fp32"), certainty=file)
    file.write_text("{}")
    with pytest.raises(InvalidSettings, match=r"own\.json is no recalibration"):
        sonoedge.open(place / "bundle", engine, certainty=file)


@pytest.mark.req("R79")
def test_too_few_frames_of_ones_own_are_refused_and_nothing_is_written(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames, file = place / "fit/frames.json", tmp_path / "own.json"
    words = ["recalibrate", str(place / "bundle"), "--data", str(frames), "--out", str(file)]
    assert main([*words, "--alpha", "0.01"]) == InvalidData.exit_code
    assert "alpha 0.01 needs 99 patients of each class" in capsys.readouterr().err
    assert not file.exists()


@pytest.mark.req("R80")
def test_describe_tells_opinions_and_never_a_clinical_value(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["describe", str(place / "bundle"), str(place / "choose/f1.png")]
    assert main(words) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Second opinion second-opinion: " in shown
    assert "Certainty: " in shown
    assert "Clinical values used: none, the network alone." in shown
    assert main([*words, "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["descriptions"][0]
    assert first["opinions"][0]["name"] == "second-opinion"
    assert first["clinical"] == {"fused_with": [], "not_used": ["age_years"]}
    description = describe(place, age_years=70)
    assert isinstance(description, Described)
    values = opinion_values(description)
    assert values["clinical"] == {"fused_with": ["age_years"], "not_used": []}
    assert description.clinical is not None
    assert f"{description.clinical.suspicion:.4f}" not in json.dumps(values)
