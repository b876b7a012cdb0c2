"""The same stream under sanitizers, and on another processor."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from native_frame import built
from native_streams import LABELS, SHAPES, Scripted, Stream
from scripted_engines import origin_of
from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed, Analysis
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.native.fields import frame_of, settings_of
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.reason_numbers import REASONS
from sonoedge.runtime import Tensors

DRIVER = Path(__file__).parent / "frames.c"
NAMES = ("lesion_map", "malignancy_map", "class_probs")
SANITIZED = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
ARM_ROOT = Path("/usr/aarch64-linux-gnu")
SHARED: dict[str, Any] = {
    "preprocess": PreprocessSpec(height=96, width=128),
    "postprocess": PostprocessSpec(
        labels=LABELS,
        positive=("malignant",),
        out_of_scope="other",
        scope_threshold=0.8,
        min_area_input_px=20.0,
    ),
    "guard": GuardSettings(),
    "tracking": TrackingSettings(raise_frames=2, window_frames=4, keep_frames=1),
}


def digest(values: np.ndarray) -> int:
    hashed = 14695981039346656037
    for byte in values.tobytes():
        hashed = ((hashed ^ byte) * 1099511628211) % (1 << 64)
    return hashed


def line(*values: float | None) -> str:
    given = [value for value in values if value is not None]
    return " ".join(f"{v:.17g}" if isinstance(v, float) else str(int(v)) for v in given)


def text(analysis: Analysis, asked: np.ndarray | None) -> str:
    """An answer as frames.c prints it."""
    head = "" if asked is None else f"{digest(asked)} "
    if not isinstance(analysis, Analysed):
        return f"{head}{REASONS[analysis.reasons[0]]} {analysis.detail}\n"
    lines = [f"{head}0 ", f" {line(analysis.temporal_flag)}"]
    lines += [
        "  "
        + line(
            *(*r.box_px, r.track_id, r.flagged, r.track_flagged, r.suspicion, r.area_px),
            *(r.area_mm2, *(r.box_mm or ()), *r.class_probs.values(), digest(r.contour_px)),
        )
        for r in analysis.regions
    ]
    return "\n".join(lines) + "\n"


def record(frame: Frame, maps: Tensors) -> bytes:
    probe = (frame.meta.probe or "").encode().ljust(64, b"\0")
    parts = [bytes(frame_of(frame)), probe, frame.pixels.tobytes()]
    return b"".join([*parts, *(maps[name].tobytes() for name in NAMES)])


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """50 frames as a file, and Python's answers to them."""
    file = tmp_path_factory.mktemp("stream") / "frames"
    engine = Scripted(NAMES, (96, 128))
    analyser, frames = Analyser(engine, origin=origin_of("b"), **SHARED), Stream(3)
    wanted = []
    with file.open("wb") as out:
        out.write(bytes(settings_of(outputs={name: SHAPES[name] for name in NAMES}, **SHARED)))
        for _ in range(50):
            frame, engine.maps, engine.asked = frames.frame(), frames.maps(NAMES), None
            out.write(record(frame, engine.maps))
            analysis = analyser.analyse(frame)
            wanted.append(text(analysis, engine.asked))
    return file, "".join(wanted)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_sanitizers_find_nothing_and_change_nothing(
    tmp_path: Path, stream: tuple[Path, str], compiler: str
) -> None:
    program = built(compiler, tmp_path / "frames", DRIVER, *SANITIZED)
    done = subprocess.run([program, stream[0]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == stream[1]


def test_another_processor_gives_the_same_bits(tmp_path: Path, stream: tuple[Path, str]) -> None:
    qemu = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
    if qemu is None or not ARM_ROOT.is_dir():
        pytest.skip("needs qemu-user and a C library for aarch64")
    program = built("aarch64-linux-gnu-gcc", tmp_path / "frames", DRIVER)
    command = [qemu, "-L", ARM_ROOT, program, stream[0]]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == stream[1]
