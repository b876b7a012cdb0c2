"""What is LiteRT's own; what every engine does is in test_cpu_engines.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sonoedge.engines import litert_operators
from sonoedge.errors import RuntimeUnavailable
from sonoedge.runtime import runtime_class

pytest.importorskip("ai_edge_litert", reason="needs LiteRT")
MODEL = (Path(__file__).parent.parent / "data/litert/tiny.tflite").read_bytes()


@pytest.mark.req("R91")
def test_a_layer_off_the_fast_path_is_refused_and_other_operators_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine: Any = runtime_class("litert")(MODEL, precision="fp32", threads=1)
    assert engine.off_fast_path == ("GATHER", "GATHER")
    from sonoedge_runtimes import litert

    monkeypatch.setattr(litert, "WEIGHTED", (*litert_operators.WEIGHTED, "GATHER"))
    with pytest.raises(RuntimeUnavailable, match="no fast kernel here for GATHER"):
        runtime_class("litert")(MODEL, precision="fp32", threads=1)


def test_a_device_needs_no_tools_of_training_for_it() -> None:
    program = (
        "import sys\n"
        "import sonoedge_runtimes.litert\n"
        "heavy = {'torch', 'jax', 'tensorflow', 'onnx', 'onnxruntime', 'openvino'}\n"
        "print(sorted(heavy & {m.partition('.')[0] for m in sys.modules}))"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == "[]"
