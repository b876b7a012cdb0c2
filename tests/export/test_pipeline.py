from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

import sonoedge
from sonoedge import Analysed, EngineOptions, Frame
from sonoedge.bundle import read_bundle
from sonoedge.cli import main
from sonoedge.errors import GateFailed, InvalidData, InvalidNetwork, InvalidSettings
from sonoedge_export import pipeline
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.gates import GateResult, Verdict, assess
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import read_recipe

Edit = Callable[[str, str], Path]
LATENCIES = {"onnxruntime-fp32": 1.0, "openvino-fp32": 2.0}


def quiet() -> Stages:
    return Stages(io.StringIO())


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}


@pytest.mark.req("R35")
@pytest.mark.traced_anew
def test_the_same_inputs_give_the_same_bytes(workplace: Path, exported: Path) -> None:
    assert main(["export", str(workplace / "recipe.toml"), "--out", str(workplace / "b")]
                + ["--latency-from", str(exported)]) == 0  # fmt: skip
    assert contents(exported) == contents(workplace / "b")


@pytest.mark.traced_anew
def test_the_bundle_kept_for_device_tests_is_what_is_exported_today(
    workplace: Path, repository: Path
) -> None:
    made = export_bundle(
        read_recipe(workplace / "recipe.toml"),
        workplace / "a",
        quiet(),
        earlier=Earlier(latency_ms=LATENCIES),
    )
    kept = json.loads((repository / "tests/data/tiny/manifest.json").read_text())
    assert made.files["graphs/fp32.onnx"].sha256 == kept["files"]["graphs/fp32.onnx"]["sha256"]
    assert set(made.files) == set(kept["files"])


@pytest.mark.req("R4")
def test_the_graph_takes_uint8_and_tells_nothing_of_its_maker(exported: Path) -> None:
    model = onnx.load(exported / "graphs" / "fp32.onnx")
    kind = model.graph.input[0].type.tensor_type
    assert kind.elem_type == onnx.TensorProto.UINT8
    assert [d.dim_value for d in kind.shape.dim] == [1, 1, 64, 96]
    data = (exported / "graphs" / "fp32.onnx").read_bytes()
    for telltale in (b".py", b"torch", b"stack", str(exported.parent).encode()):
        assert telltale not in data


def test_an_exported_bundle_finds_a_disc_with_every_variant(exported: Path) -> None:
    manifest = read_bundle(exported).manifest
    assert {v.id for v in manifest.variants} == set(LATENCIES)
    pixels = np.full((120, 160), 170, np.uint8)
    pixels[40:80, 60:100] = 10
    for variant in manifest.variants:
        assert variant.metrics["map_levels"] <= 1
        assert variant.metrics["probs"] <= 1e-5
        assert variant.metrics["flag_agreement"] == 1
        with sonoedge.open(exported, EngineOptions(variant=variant.id)) as analyser:
            result = analyser.analyse(Frame(pixels=pixels))
        assert isinstance(result, Analysed)
        assert [r.flagged for r in result.regions] == [True]


@pytest.mark.req("R31")
def test_when_every_variant_fails_its_gates_nothing_is_written(edited: Edit) -> None:
    # A limit that no engine can hold: below what rounding alone makes.
    recipe = edited("[data]", "[gates]\nfp32_probs = 0.0\n\n[data]")
    out = recipe.parent / "a"
    with pytest.raises(GateFailed, match=r"probs is .*; at most 0 is required"):
        export_bundle(read_recipe(recipe), out, quiet())
    assert main(["export", str(recipe), "--out", str(out)]) == 3
    assert sorted(p.name for p in recipe.parent.iterdir() if p.name.startswith((".", "a"))) == []


@pytest.mark.req("R31")
def test_a_variant_that_fails_is_left_out_and_the_others_stay(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = assess.judge
    turn = iter([True, False])
    ruined = GateResult(
        gate="flag_agreement", answer="fail", measured=0.9, limit=1.0, ci95=None,
        why="flag_agreement is 0.9; at least 1 is required",
    )  # fmt: skip

    def harsh(*given: Any) -> Verdict:
        verdict = real(*given)
        return replace(verdict, results=(ruined,)) if next(turn) else verdict

    monkeypatch.setattr(assess, "judge", harsh)
    said = io.StringIO()
    manifest = export_bundle(read_recipe(workplace / "recipe.toml"), workplace / "a", Stages(said))
    assert [v.id for v in manifest.variants] == ["openvino-fp32"]
    assert "onnxruntime-fp32: LEFT OUT: flag_agreement" in said.getvalue()


def test_a_folder_that_is_no_bundle_is_not_overwritten(workplace: Path) -> None:
    (workplace / "mine").mkdir()
    (workplace / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(InvalidSettings, match="is no bundle"):
        export_bundle(read_recipe(workplace / "recipe.toml"), workplace / "mine", quiet())
    assert (workplace / "mine" / "thesis.txt").read_text() == "years of work"


@pytest.mark.req("R35")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_export_leaves_nothing(workplace: Path, how: signal.Signals) -> None:
    # The interruption comes while files are being written into the draft.
    program = (
        "import sonoedge_export.bundle.assemble as p, sys, time\n"
        "real = p.write_outputs\n"
        "def slow(x):\n    print('writing', flush=True); time.sleep(30); return real(x)\n"
        "p.write_outputs = slow\n"
        "from sonoedge.cli import main\n"
        "sys.exit(main(['export', 'recipe.toml', '--out', 'a']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=workplace,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        drafts = [p for p in workplace.iterdir() if p.name.startswith(".a.draft-")]
        assert len(drafts) == 1
        process.send_signal(how)
        process.wait(timeout=60)
    assert process.returncode == 128 + how
    assert not [p for p in workplace.iterdir() if p.name.startswith((".a", "a"))]


def test_a_full_disk_ends_an_export_with_an_error_of_ours_and_leaves_nothing(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(content: object, draft: Path) -> None:
        (draft / "half").write_bytes(b"half of a graph")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(draft / "half"))

    monkeypatch.setattr(pipeline, "assemble", full)
    recipe, out = str(workplace / "recipe.toml"), workplace / "a"
    assert main(["export", recipe, "--out", str(out), "--variants", "onnxruntime-fp32"]) == 2
    assert "OUTPUT_ERROR" in capsys.readouterr().err
    assert not [p for p in workplace.iterdir() if p.name.startswith((".a-", "a"))]


def test_an_unknown_label_is_refused(workplace: Path) -> None:
    file = workplace / "frames" / "frames.json"
    file.write_text(file.read_text().replace('"benign"', '"cyst"', 1))
    with pytest.raises(InvalidData, match="'cyst'"):
        export_bundle(read_recipe(workplace / "recipe.toml"), workplace / "a", quiet())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("network:dark_spots", "nowhere:dark_spots", "no module 'nowhere'"),
        ("network:dark_spots", "network:none", "none"),
        ("network:dark_spots", "os:getcwd", "made no torch.nn.Module"),
        ('output = "lesion"', 'output = "tumour"', r"the network has \['lesion'"),
        (
            'output = "frame"',
            'output = "lesion"',
            r"is float32 \[1, 1, 32, 48\], a floating-point \[1, classes\]",
        ),
        ("mean = 0.0", "channels = 3", "cannot take a 1 x 3 x 64 x 96 picture"),
    ],
)
def test_a_network_that_does_not_fit_is_refused(
    edited: Edit, old: str, new: str, says: str
) -> None:
    recipe = edited(old, new)
    sys.modules.pop("network", None)
    with pytest.raises(InvalidNetwork, match=says):
        export_bundle(read_recipe(recipe), recipe.parent / "a", quiet())
    assert not (recipe.parent / "a").exists()


def test_an_onnx_file_can_stand_in_for_code_and_weights(
    workplace: Path, edited: Edit, exported: Path
) -> None:
    import torch

    sys.path.insert(0, str(workplace))
    try:
        sys.modules.pop("network", None)
        from network import dark_spots  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(workplace))
    from sonoedge_export.graph.to_onnx import to_onnx

    names = ["lesion", "malignancy", "frame"]
    model = to_onnx(dark_spots(), (torch.zeros(1, 1, 64, 96),), ["x"], names)
    onnx.save(model, workplace / "float.onnx")
    first = read_bundle(exported).manifest
    recipe = edited('factory = "network:dark_spots"', 'onnx = "float.onnx"')
    for name, position in zip(names, "012", strict=True):
        recipe.write_text(recipe.read_text().replace(f'output = "{name}"', f"output = {position}"))
    second = export_bundle(read_recipe(recipe), workplace / "b", quiet())
    for name in ("dice_mean", "malignancy_auroc", "sensitivity"):
        assert second.variants[0].metrics[name] == first.variants[0].metrics[name]
    sets = onnx.load(workplace / "b" / "graphs" / "fp32.onnx").opset_import
    assert [(s.domain, s.version) for s in sets] == [("", 18)]  # once: a quantizer takes no more
    assert second.inputs == first.inputs
    assert second.outputs == first.outputs


def test_files_are_written_for_everyone_to_read(exported: Path) -> None:
    assert exported.stat().st_mode & 0o755 == 0o755
