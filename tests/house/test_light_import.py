"""What `import sonoedge` costs a device."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "torch",
    "onnx",
    "onnxruntime",
    "openvino",
    "ai_edge_litert",
    "tensorrt",
    "nncf",
    "scipy",
    "pydicom",
    "SimpleITK",
    "rich",
    "matplotlib",
    "sonoedge_export",
    "sonoedge_runtimes",
    "sonoedge_bench",
}


def loaded(code: str) -> set[str]:
    """Top-level modules that a fresh process holds after this code."""
    code += (
        "; import json, sys; print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(json.loads(process.stdout.splitlines()[-1]))


@pytest.mark.req("R1")
def test_importing_sonoedge_loads_no_engine_and_no_other_floor() -> None:
    after = loaded("import sonoedge")
    assert "sonoedge" in after
    assert after & HEAVY == set()


@pytest.mark.req("R1")
def test_the_command_line_loads_nothing_more_before_its_verb_is_known() -> None:
    assert loaded("import sonoedge.cli") & HEAVY == set()


# What opening a bundle and a live session do not need, by its full name.
NOT_YET = {
    "email",
    "importlib.metadata",
    "random",
    "socket",
    "sonoedge.describing",
    "sonoedge.measure.measures",
    "sonoedge.recording.recorder",
    "sonoedge.report",
    "sonoedge.scope.fit",
    "sonoedge.trust.signing",
    "sonoedge.words",
    "subprocess",
    "tempfile",
}


@pytest.mark.req("R1")
def test_no_public_name_loads_what_is_not_needed_to_open_or_to_go_live() -> None:
    program = (
        "import numpy, cv2, sys; before = set(sys.modules); import sonoedge; "
        "[getattr(sonoedge, name) for name in sonoedge.__all__]; "
        "print(*set(sys.modules) - before)"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    after = set(process.stdout.split())
    assert {"sonoedge.engines.open", "sonoedge.session.live"} <= after
    assert after & NOT_YET == set()


def test_no_test_double_is_imported_unless_the_caller_admits_them() -> None:
    probe = (
        "import sys, sonoedge.runtime as r; {}; assert 'sonoedge_runtimes.testing' {} sys.modules"
    )
    loaded(probe.format("r.runtimes(); r.check_runtime_name('auto')", "not in"))
    loaded(probe.format("r.runtimes(test_doubles=True)", "in"))


def test_the_probe_sees_a_heavy_import() -> None:
    assert "onnxruntime" in loaded("import sonoedge, onnxruntime")
