"""A variant whose engine is built on the device is judged here by its graph."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest

from sonoedge.bundle.identity import manifest_text
from sonoedge.errors import RuntimeUnavailable
from sonoedge_export.progress import Stages
from sonoedge_export.verify import verify_bundle

TINY = Path(__file__).parent.parent / "data" / "tiny"


def with_variant(folder: Path, runtime: str) -> Path:
    """The tiny bundle with one more variant over its float graph."""
    bundle = Path(shutil.copytree(TINY, folder))
    data = json.loads((bundle / "manifest.json").read_text())
    more = {"id": f"{runtime}-fp16", "runtime": runtime, "precision": "fp16"}
    data["variants"].append(data["variants"][0] | more | {"latency_ms_p50": None})
    (bundle / "manifest.json").write_text(manifest_text(data))
    return bundle


def test_a_graph_for_the_device_is_judged_on_the_cpu_and_its_row_says_so(
    workplace: Path, tmp_path: Path
) -> None:
    bundle = with_variant(tmp_path / "bundle", "tensorrt")
    said = io.StringIO()
    frames = workplace / "frames" / "frames.json"
    report = verify_bundle(bundle, frames, None, "tensorrt-fp16", Stages(said))
    (row,) = report["variants"]
    assert row["runtime"] == "onnxruntime"
    assert row["metrics"]["frames"] == 8
    assert row["metrics"]["flag_agreement"] == 1.0
    assert "no engine of it is here; its graph is judged on onnxruntime" in said.getvalue()


def test_a_cpu_variant_that_cannot_run_here_is_no_graph_to_be_judged(
    workplace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sonoedge.engines import load as loading

    def unavailable(name: str, *, test_doubles: bool) -> object:
        raise RuntimeUnavailable(f"{name} cannot run here")

    monkeypatch.setattr(loading, "runtime_class", unavailable)
    with pytest.raises(RuntimeUnavailable, match="cannot run here"):
        verify_bundle(TINY, workplace / "frames/frames.json", None, None, Stages(io.StringIO()))
