from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the demo exports a network")
pytest.importorskip("torch_pruning", reason="the demo exports the pruned network")
pytest.importorskip("openvino", reason="the demo exports for OpenVINO")


def test_the_moving_view_wanders_and_never_repeats_a_frame(repository: Path) -> None:
    sys.path.insert(0, str(repository / "examples"))
    try:
        from moving_view import moving_view  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(repository / "examples"))
    still = np.random.default_rng(0).integers(0, 256, (300, 400), dtype=np.uint8)
    views = list(moving_view([still, still[::-1].copy()], frames_each=6, size=(160, 120)))
    assert [v.shape for v in views] == [(120, 160)] * 12
    assert len({v.tobytes() for v in views}) == 12


VARIANTS = ("onnxruntime-fp32", "openvino-fp32", "pruned-onnxruntime-fp32")


def test_the_demo_writes_all_that_it_promises(repository: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(repository / "examples/demo.py"), "--out", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(sys.path), "SONOEDGE_DEMO_FRAMES": "3"}
        | {"SONOEDGE_DEMO_VARIANTS": ",".join(VARIANTS)},
    )
    assert done.returncode == 0, done.stderr
    out = tmp_path / "demo"
    for name in ("bundle/manifest.json", "breast.webm", "lung.webm", "index.html", "latency.html"):
        assert (out / name).stat().st_size > 0
    latency = json.loads((out / "latency.json").read_text())
    page = (out / "index.html").read_text()
    for run in latency["runs"]:
        assert (
            f"<td>{run['variant']}</td><td>{run['figures']['bare_ms']['p50']['value']:.2f}" in page
        )
    assert {run["variant"] for run in latency["runs"]} == set(VARIANTS)
    assert page.index("<td>pruned-onnxruntime-fp32</td>") > 0
    breast = [json.loads(line) for line in (out / "breast.jsonl").read_text().splitlines()]
    assert len(breast) == 24
    assert {"frame", "captured_ns", "outcome", "reasons", "regions"} <= set(breast[0])
    assert any(row["regions"] for row in breast)
    assert "{" not in page.partition("</style>")[2]


def test_the_demo_has_every_variant_of_the_pruned_network_as_well(repository: Path) -> None:
    from sonoedge_export.recipe.recipe import read_recipe

    wanted = set(read_recipe(repository / "examples/reference/demo.toml").wanted)
    assert {f"pruned-{name}" for name in wanted if not name.startswith("pruned-")} <= wanted
    assert {"openvino-int8", "pruned-openvino-int8"} <= wanted


def test_a_variant_that_is_left_out_stands_on_the_page_with_its_reason(repository: Path) -> None:
    sys.path.insert(0, str(repository / "examples"))
    try:
        from demo_page import left_out_items  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(repository / "examples"))
    why = "NNCF is not installed; run: pip install 'sonoedge[compress]' <now>"
    (item,) = left_out_items({"openvino-int8": why})
    assert "openvino-int8" in item
    assert "sonoedge[compress]" in item
    assert "<now>" not in item
