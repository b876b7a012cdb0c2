"""A wheel with the frame path in C, for this platform, where SONOEDGE_BUILD_NATIVE=1 is set.

Without it the wheel is pure Python and runs everywhere, as a sonoedge without `make native`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

IN_WHEEL = "sonoedge/native/frame_path.so"


class NativeHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles outside of the source tree, and puts what came of it into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is made; an editable install is left alone."""
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if version == "editable" or os.environ.get("SONOEDGE_BUILD_NATIVE") != "1":
            return
        self._folder = tempfile.TemporaryDirectory()
        made = Path(self._folder.name) / "frame_path.so"
        program = Path(self.root) / "sdk/c/python/build_native.py"
        subprocess.run([sys.executable, program, made], check=True)
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"  # ctypes: for any Python, but one processor
        build_data["force_include"][str(made)] = IN_WHEEL

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """After the wheel was made."""
        if self._folder is not None:
            self._folder.cleanup()
