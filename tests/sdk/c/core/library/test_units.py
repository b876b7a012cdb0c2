"""What no bundle brings about at will: engines that fail or hang, contours beyond the bound."""

from __future__ import annotations

import subprocess
from pathlib import Path

from c_build import SANITIZED, build, library_sources, onnxruntime
from conformance.vectors import BUNDLE
from native_library import NO_DEVICE_POLICY


def test_every_claim_holds_under_sanitizers(tmp_path: Path) -> None:
    sources = [*library_sources(), Path(__file__).with_name("units.c")]
    program = build(tmp_path / "units", sources, flags=[*SANITIZED, NO_DEVICE_POLICY])
    done = subprocess.run(
        [program, BUNDLE, onnxruntime()], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
