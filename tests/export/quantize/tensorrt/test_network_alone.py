"""Quantizing opens no connection, and starts from an ONNX file as well."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import onnx
import pytest

import sonoedge
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import read_recipe

WATCHED = """
import io, sys
seen = []
def hook(event, args):
    if event.startswith(("socket.", "os.fork", "os.posix_spawn", "subprocess.Popen", "os.system")):
        seen.append((event, args))
sys.addaudithook(hook)
from sonoedge_export.graph.build import build_graph
from sonoedge_export.inputs import read_inputs
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.layers import prepared
from sonoedge_export.recipe.recipe import read_recipe
recipe = read_recipe("recipe.toml")
inputs = read_inputs(recipe, None, Stages(io.StringIO()), rank_layers=True)
graph, tensors = prepared(build_graph(recipe).onnx), inputs.calibration.tensors
seen.clear()
from sonoedge_export.quantize.ov import quantize_ov
made = quantize_ov(graph, tensors)
print(len(made.model) > 1000, [s for s in seen if s[0].startswith("socket.")],
      [s[0] for s in seen if s[0] in ("os.fork", "os.posix_spawn")],
      bool(sys.modules.get("openvino_telemetry")))
"""


def test_nncf_opens_no_socket_forks_nothing_and_loads_no_telemetry(int8: Path) -> None:
    pytest.importorskip("openvino", reason="needs OpenVINO")
    done = subprocess.run(
        [sys.executable, "-c", WATCHED],
        cwd=int8.parent,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "True [] [] False"


def test_a_network_that_comes_as_onnx_is_quantized_verified_and_bundled(int8: Path) -> None:
    import torch

    from sonoedge_export.graph.load_network import load_network
    from sonoedge_export.graph.to_onnx import to_onnx

    sys.modules.pop("network", None)
    names = ["lesion", "malignancy", "frame"]
    network = load_network(read_recipe(int8))
    onnx.save(
        to_onnx(network, (torch.zeros(1, 1, 64, 96),), ["x"], names), int8.parent / "float.onnx"
    )
    text = int8.read_text().replace('factory = "network:dark_spots"', 'onnx = "float.onnx"')
    for position, name in enumerate(names):
        text = text.replace(f'output = "{name}"', f"output = {position}")
    int8.write_text(text)
    latencies = {"onnxruntime-fp32": 3.0, "onnxruntime-int8": 1.0, "openvino-int8": 2.0}
    out = int8.parent / "a"
    manifest = export_bundle(
        read_recipe(int8), out, Stages(io.StringIO()), earlier=Earlier(latency_ms=latencies)
    )
    assert [v.id for v in manifest.variants] == list(latencies)
    assert all(v.metrics["flag_agreement"] == 1 for v in manifest.variants)
    with sonoedge.open(out) as analyser:
        assert analyser.origin.variant == "onnxruntime-int8"
