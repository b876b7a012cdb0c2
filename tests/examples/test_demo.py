from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the demo exports a network")


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


def test_the_demo_writes_all_that_it_promises(repository: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(repository / "examples/demo.py"), "--out", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "SONOEDGE_DEMO_FRAMES": "3"},
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
    breast = [json.loads(line) for line in (out / "breast.jsonl").read_text().splitlines()]
    assert len(breast) == 24
    assert {"frame", "captured_ns", "outcome", "reasons", "regions"} <= set(breast[0])
    assert any(row["regions"] for row in breast)
    assert "{" not in page.partition("</style>")[2]
