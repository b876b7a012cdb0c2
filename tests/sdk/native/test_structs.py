from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from sonoedge.native import structs
from studies.native_path import SOURCES

STRUCTS = {
    "so_image": "Image",
    "so_tensor_spec": "TensorSpec",
    "so_roi": "Roi",
    "so_preprocess": "Preprocess",
    "so_postprocess": "Postprocess",
    "so_guard_settings": "GuardFields",
    "so_evidence_settings": "Evidence",
    "so_tracking_settings": "Tracking",
    "so_settings": "Settings",
    "so_frame": "FrameFields",
    "so_maps": "Maps",
    "so_region": "RegionFields",
    "so_findings": "Findings",
}


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
def test_structs_are_as_large_as_the_headers_say_with_each_field_in_its_place(
    tmp_path: Path,
) -> None:
    wanted, lines = [], []
    for name, mirrored in STRUCTS.items():
        struct = getattr(structs, mirrored)
        wanted.append(ctypes.sizeof(struct))
        lines.append(f"sizeof(struct {name})")
        for field, *_ in struct._fields_:
            wanted.append(getattr(struct, field).offset)
            lines.append(f"offsetof(struct {name}, {field})")
    (tmp_path / "sizes.c").write_text(
        '#include "core/frame_path.h"\n#include <stdio.h>\nint main(void) {\n'
        + "".join(f'    printf("%zu\\n", {line});\n' for line in lines)
        + "}\n"
    )
    program = tmp_path / "sizes"
    subprocess.run(
        ["gcc", f"-I{SOURCES}", "-o", program, tmp_path / "sizes.c"], check=True, cwd=tmp_path
    )
    printed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    assert [int(line) for line in printed.split()] == wanted
