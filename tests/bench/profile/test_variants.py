from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge_bench.profile import variants

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


def test_the_profile_stands_in_the_document_and_on_the_terminal(
    tiny: Path, capsys: pytest.CaptureFixture[str], bench: Callable[..., Any]
) -> None:
    (run,) = bench(str(tiny), "--runtime", "onnxruntime", "--frames", "5", "--profile")["runs"]
    profile = run["profile"]
    shares = [layer["share"] for layer in profile["layers"]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0, abs=0.01)
    assert profile["inferences"] == 50
    modules = {layer["module"] for layer in profile["layers"]}
    assert {"blur", "lesion"} <= modules
    output = capsys.readouterr().out
    assert "Layers, onnxruntime-fp32" in output
    assert "\nblur " in output
    assert "Conv" in output


def test_without_the_option_there_is_no_profile(tiny: Path, bench: Callable[..., Any]) -> None:
    (run,) = bench(str(tiny), "--runtime", "onnxruntime", "--frames", "5")["runs"]
    assert run["profile"] is None


def test_a_runtime_that_cannot_be_profiled_does_not_cost_the_measurement(
    tiny: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    valid: Callable[[Path], Any],
) -> None:
    from sonoedge.cli import main
    from sonoedge.errors import RuntimeUnavailable

    def none(runtime: str) -> Any:
        raise RuntimeUnavailable(f"{runtime} cannot be profiled")

    monkeypatch.setattr(variants, "profiled_class", none)
    file = tmp_path / "a.json"
    words = ["--runtime", "onnxruntime", "--frames", "5", "--profile", "--json", str(file)]
    assert main(["bench", str(tiny), *words]) == 4
    assert "not profiled" in capsys.readouterr().err
    assert len(valid(file)["runs"][0]["samples"]["analyse_ms"]) == 5
