from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, EngineOptions, Frame, NotAnalysed, Reason, Roi
from sonoedge.bundle.digest import digest
from sonoedge.bundle.identity import manifest_text
from sonoedge.engines import load as loading_module
from sonoedge.errors import (
    BundleNotFound,
    DigestMismatch,
    GoldenMismatch,
    InvalidManifest,
    InvalidSettings,
    MissingDependency,
    RuntimeUnavailable,
    VariantNotFound,
)

TINY = Path(__file__).parents[2] / "data" / "tiny"
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


def spots(*discs: tuple[int, int, int], level: int = 10) -> np.ndarray:
    pixels = np.random.default_rng(1).integers(140, 200, (120, 160), dtype=np.uint8)
    y, x = np.mgrid[0:120, 0:160]
    for cx, cy, radius in discs:
        pixels[np.hypot(x - cx, y - cy) < radius] = level
    return pixels


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "bundle"))


def resigned(folder: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change the manifest, and make every digest right again."""
    data = json.loads((folder / "manifest.json").read_text())
    change(data)
    for path in data["files"]:
        found = digest((folder / path).read_bytes())
        data["files"][path] = {"sha256": found.sha256, "bytes": found.bytes}
    (folder / "manifest.json").write_text(manifest_text(data))


def test_a_disc_is_found_where_it_lies() -> None:
    with sonoedge.open(TINY, EngineOptions(runtime="onnxruntime")) as analyser:
        result = analyser.analyse(Frame(pixels=spots((60, 50, 20)), spacing_mm=(0.2, 0.2)))
    assert isinstance(result, Analysed)
    (region,) = result.regions
    x0, y0, x1, y1 = region.box_px
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((60, 50), abs=2)
    assert region.flagged
    assert result.flagged
    assert region.area_mm2 == pytest.approx(region.area_px * 0.04)
    assert set(result.stages_ms) == {"guard", "preprocess", "engine", "postprocess", "tracker"}
    assert result.origin.runtime == "onnxruntime"
    assert result.origin.bundle_id.startswith("dark-spots-1-")


@pytest.mark.req("R11")
def test_a_frame_out_of_scope_is_not_analysed_and_says_how_sure_the_network_is(copy: Path) -> None:
    def scoped(data: dict[str, object]) -> None:
        assert isinstance(data["postprocess"], dict)
        data["postprocess"] |= {"out_of_scope": "normal", "scope_threshold": 0.9}

    resigned(copy, scoped)
    with sonoedge.open(copy, EngineOptions(runtime="onnxruntime")) as analyser:
        away = analyser.analyse(Frame(pixels=spots()))
        here = analyser.analyse(Frame(pixels=spots((60, 50, 20))))
    assert isinstance(away, NotAnalysed)
    assert away.reasons == (Reason.OUT_OF_SCOPE,)
    name, sure, words, limit = away.detail.split()
    assert (name, words, limit) == ("normal", "limit", "0.900")
    assert float(sure.removesuffix(",")) >= 0.9
    assert set(away.stages_ms) == {"guard", "preprocess", "engine", "postprocess"}
    assert isinstance(here, Analysed)


def test_an_explanation_is_given_when_asked_for() -> None:
    frame = Frame(pixels=spots((60, 50, 20)))
    with sonoedge.open(TINY, EngineOptions(runtime="onnxruntime")) as analyser:
        plain = analyser.analyse(frame)
    with sonoedge.open(TINY, EngineOptions(runtime="onnxruntime"), explain=True) as analyser:
        shown = analyser.analyse(frame)
    assert isinstance(plain, Analysed)
    assert plain.explanation is None
    assert isinstance(shown, Analysed)
    assert shown.explanation is not None
    assert shown.explanation.box_px == (0, 0, 160, 120)
    assert shown.regions[0].suspicion == plain.regions[0].suspicion


def test_auto_takes_the_fastest_and_says_so() -> None:
    with sonoedge.open(TINY) as analyser:
        assert analyser.origin.variant == "onnxruntime-fp32"
        assert "fastest" in analyser.choice


@pytest.mark.req("R28")
def test_auto_passes_over_a_missing_engine_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    real = loading_module.runtime_class

    def without(name: str, *, test_doubles: bool) -> object:
        if name == "onnxruntime":
            raise MissingDependency("ONNX Runtime is not installed; run: pip install onnxruntime")
        return real(name, test_doubles=test_doubles)

    monkeypatch.setattr(loading_module, "runtime_class", without)
    pytest.importorskip("openvino", reason="needs OpenVINO")
    with sonoedge.open(TINY) as analyser:
        assert analyser.origin.runtime == "openvino"
        assert "not available: onnxruntime-fp32" in analyser.choice
    with pytest.raises(MissingDependency, match="pip install"):
        sonoedge.open(TINY, EngineOptions(runtime="onnxruntime"))


@pytest.mark.req("R30")
def test_whole_range_int8_is_refused_where_its_products_overflow(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resigned(copy, lambda data: data["variants"][0].update(needs_int8_products=True))
    monkeypatch.setattr(loading_module, "int8_overflows", lambda: False)
    with sonoedge.open(copy) as analyser:
        assert analyser.origin.variant == "onnxruntime-fp32"
    monkeypatch.setattr(loading_module, "int8_overflows", lambda: True)
    with pytest.raises(RuntimeUnavailable, match=r"its sums overflow.*reduce_range"):
        sonoedge.open(copy, EngineOptions(runtime="onnxruntime"))
    pytest.importorskip("openvino", reason="needs OpenVINO")
    with sonoedge.open(copy) as analyser:
        assert analyser.origin.variant == "openvino-fp32"
        assert "its sums overflow" in analyser.choice


def test_pixels_outside_the_region_of_interest_do_not_change_one_bit() -> None:
    rng = np.random.default_rng(5)
    roi = Roi(x0=20, y0=15, x1=140, y1=105)
    seen = set()
    with sonoedge.open(TINY, EngineOptions(runtime="onnxruntime"), roi=roi) as analyser:
        for _ in range(10):
            pixels = rng.integers(0, 256, (120, 160), dtype=np.uint8)
            pixels[15:105, 20:140] = spots((60, 50, 20))[15:105, 20:140]
            result = analyser.analyse(Frame(pixels=pixels))
            assert isinstance(result, Analysed)
            seen.add(
                (
                    tuple(r.contour_px.tobytes() for r in result.regions),
                    tuple(r.suspicion for r in result.regions),
                    tuple(result.class_probs.values()),
                )
            )
    assert len(seen) == 1


@pytest.mark.req("R22")
def test_bad_frames_are_outcomes_and_never_raise() -> None:
    with sonoedge.open(TINY, EngineOptions(runtime="onnxruntime")) as analyser:
        for pixels in (None, "x", np.zeros((3, 3)), np.zeros((0, 0), np.uint8), object()):
            result = analyser.analyse(Frame(pixels=pixels))  # type: ignore[arg-type]
            assert isinstance(result, NotAnalysed)
            assert result.reasons
        wrong = analyser.analyse(None)  # type: ignore[arg-type]
        assert isinstance(wrong, NotAnalysed)
        assert wrong.reasons == (Reason.INTERNAL_ERROR,)
        good = analyser.analyse(Frame(pixels=spots((60, 50, 20))))
        assert isinstance(good, Analysed)
        assert good.frame_id == 6
    closed = analyser.analyse(Frame(pixels=spots()))
    assert isinstance(closed, NotAnalysed)
    assert closed.reasons == (Reason.CLOSED,)
    analyser.close()


@pytest.mark.req("R23")
def test_every_flipped_byte_of_a_model_is_refused(copy: Path) -> None:
    file = copy / "graphs" / "fp32.onnx"
    data = bytearray(file.read_bytes())
    for at in range(0, len(data), len(data) // 20):
        broken = bytearray(data)
        broken[at] ^= 1
        file.write_bytes(broken)
        with pytest.raises(DigestMismatch, match=r"graphs/fp32\.onnx"):
            sonoedge.open(copy)


def test_a_missing_file_is_refused(copy: Path) -> None:
    (copy / "golden" / "frame001.png").unlink()
    with pytest.raises(DigestMismatch, match="frame001"):
        sonoedge.open(copy)


@pytest.mark.req("R27")
def test_an_engine_that_answers_otherwise_is_refused(copy: Path) -> None:
    from sonoedge.bundle import read_bundle

    bundle = read_bundle(copy)
    variant = bundle.variant("onnxruntime-fp32")
    answers = [dict(answer.outputs) for answer in bundle.golden_answers(variant)]
    answers[1]["lesion_map"] = answers[1]["lesion_map"].copy()
    answers[1]["lesion_map"][0, 0, 10, 10] ^= 64
    with (copy / variant.golden).open("wb") as file:
        np.savez(file, **{f"{n:03d}.{k}": v for n, a in enumerate(answers) for k, v in a.items()})
    resigned(copy, lambda data: None)
    with pytest.raises(GoldenMismatch, match="golden frame 1: lesion_map is off by 64"):
        sonoedge.open(copy, EngineOptions(runtime="onnxruntime"))


def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(BundleNotFound, match="sonoedge export"):
        sonoedge.open(tmp_path)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda d: d.update(schema_version=99), "schema version 99"),
        (lambda d: d.update(schema_version=1), r"schema version 1, .*sonoedge export RECIPE --out"),
        (lambda d: d.pop("gates"), "gates is missing"),
        (lambda d: d.update(surprise=1), "surprise is unknown"),
        (lambda d: d.pop("golden"), "golden is missing"),
        (lambda d: d["preprocess"].update(height="64"), "preprocess.height must be a whole number"),
        (lambda d: d["postprocess"].update(flag_threshold=2.0), "flag_threshold"),
        (lambda d: d["variants"].append(d["variants"][0]), "different ids"),
        (
            lambda d: d["files"].update({"../x": d["files"]["verification.json"]}),
            "not a plain path",
        ),
        (lambda d: d["variants"][0].update(model="elsewhere.onnx"), "has no digest"),
        (lambda d: d.update(gates=[]), "gates must be a table of keys"),
        (lambda d: d.update(gates={}), "gates.fp32_map_levels is missing"),
        (lambda d: d["gates"].pop("undecided"), "gates.undecided is missing"),
        (lambda d: d["gates"].update(f1_drop=0.1), "gates.f1_drop is unknown"),
        (lambda d: d["gates"].update(dice_drop=float("nan")), "NaN is not a number in JSON"),
        (lambda d: d["gates"].update(fp32_probs=1.01), "gates: fp32_probs must be 0 to 1"),
        (lambda d: d["gates"].update(auroc_drop=-0.1), "gates: auroc_drop must be 0 to 1"),
        (lambda d: d["gates"].update(flag_agreement=1.5), "gates: flag_agreement must be 0 to 1"),
        (lambda d: d["gates"].update(fp32_map_levels=256), "fp32_map_levels must be 0 to 255"),
        (lambda d: d["gates"].update(sensitivity_drop=10**400), "does not fit into 64 bits"),
        (lambda d: d["gates"].update(dice_drop=True), "gates.dice_drop must be a number"),
        (lambda d: d["gates"].update(undecided="pass"), "gates.undecided is 'pass'; allowed"),
    ],
)
def test_a_manifest_that_breaks_a_rule_is_refused(
    copy: Path, change: Callable[[dict[str, object]], None], word: str
) -> None:
    data = json.loads((copy / "manifest.json").read_text())
    change(data)
    (copy / "manifest.json").write_text(json.dumps(data))
    with pytest.raises(InvalidManifest, match=word):
        sonoedge.open(copy)


def test_a_manifest_that_is_no_json_is_refused(copy: Path) -> None:
    (copy / "manifest.json").write_bytes(b"\xff\x00{")
    with pytest.raises(InvalidManifest):
        sonoedge.open(copy)


@pytest.mark.req("R28")
def test_variants_and_runtimes_that_do_not_exist_are_refused_by_name() -> None:
    with pytest.raises(VariantNotFound, match="onnxruntime-fp32"):
        sonoedge.open(TINY, EngineOptions(variant="tensorrt-int8"))
    with pytest.raises(VariantNotFound, match="runs on onnxruntime"):
        sonoedge.open(TINY, EngineOptions(runtime="openvino", variant="onnxruntime-fp32"))
    with pytest.raises(InvalidSettings, match="auto or one of"):
        sonoedge.open(TINY, EngineOptions(runtime="tensorflow"))
    with pytest.raises(InvalidSettings, match="threads"):
        sonoedge.open(TINY, EngineOptions(threads=0))


def test_an_engine_that_is_kept_warm_answers_the_same() -> None:
    pixels = np.random.default_rng(0).integers(20, 200, (64, 96), dtype=np.uint8)
    with sonoedge.open(TINY) as plain, sonoedge.open(TINY, EngineOptions(keep_warm=True)) as warm:
        a, b = (each.analyse(sonoedge.Frame(pixels=pixels)) for each in (plain, warm))
    assert isinstance(a, sonoedge.Analysed)
    assert isinstance(b, sonoedge.Analysed)
    assert [r.box_px for r in a.regions] == [r.box_px for r in b.regions]
    assert a.class_probs == b.class_probs


def test_spinning_is_for_engines_that_can_and_is_never_left_out_in_silence() -> None:
    pytest.importorskip("openvino", reason="needs openvino")
    with sonoedge.open(TINY, EngineOptions(spin=True)) as analyser:
        assert analyser.origin.runtime == "onnxruntime"
    with pytest.raises(RuntimeUnavailable, match="cannot be told to spin"):
        sonoedge.open(TINY, EngineOptions(runtime="openvino", spin=True))
