"""The native library gives Python's answers, bit for bit: gcc with sanitizers, clang, aarch64."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from c_build import COMPILERS, SANITIZED, C, build, core_sources, onnxruntime
from conformance.scenes import Scene, scenes, stream
from conformance.vectors import (
    BUNDLE,
    GATHERED,
    VECTORS,
    gathering_bundle,
    read,
    read_gathered_maps,
    read_maps,
)
from sonoedge.bundle import read_bundle
from sonoedge.runtime import Tensors, TensorSpec

HERE = Path(__file__).parent
_RECORD = struct.Struct("<4i4i6i4i q 2d3d")
_PADDING = 5  # bytes behind each row that are not the picture's


def record(scene: Scene) -> bytes:
    """A scene as vectors.c reads it."""
    values = dict(scene.values)
    pixels = scene.pixels
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    rows = np.full((height, width * channels + _PADDING), 0xA5, dtype=np.uint8)
    rows[:, : width * channels] = pixels.reshape(height, -1)
    texts = [values.get(name) for name in ("probe", "preset", "invalid")]
    encoded = [text.encode() if isinstance(text, str) else text for text in texts]
    sizes = [-1 if text is None else len(text) for text in encoded]
    spacing, roi = values.get("spacing_mm"), values.get("roi_px")
    numbers = [values.get(name) for name in ("pixel_aspect", "depth_mm", "gain_db")]
    aspect, depth, gain = (number is not None for number in numbers)
    fixed = _RECORD.pack(
        *(width, height, channels, rows.shape[1]),
        *(roi or (0, 0, 0, 0)),
        *(spacing is not None, aspect, roi is not None, depth, gain),
        values.get("frozen", False),
        *(*sizes, 0),
        scene.captured_ns,
        *(spacing or (0.0, 0.0)),
        *(number or 0.0 for number in numbers),
    )
    return fixed + b"".join(text for text in encoded if text is not None) + rows.tobytes()


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("vectors") / "frames"
    file.write_bytes(b"".join(map(record, scenes())))
    return file


@pytest.fixture(scope="module")
def maps(frames: Path) -> Path:
    outputs = read_bundle(BUNDLE).manifest.outputs
    return in_a_row(frames.with_name("maps"), outputs, read_maps(outputs))


def in_a_row(file: Path, outputs: Sequence[TensorSpec], maps: Sequence[Tensors]) -> Path:
    """The stored outputs one after the other, as vectors.c reads them."""
    file.write_bytes(b"".join(tensors[spec.name].tobytes() for tensors in maps for spec in outputs))
    return file


def gathered(folder: Path) -> list[Any]:
    """The words behind the program for the stream by a bundle that gathers evidence."""
    outputs = read_bundle(BUNDLE).manifest.outputs
    frames = folder / "frames"
    frames.write_bytes(b"".join(map(record, stream(0))))
    maps = in_a_row(folder / "maps", outputs, read_gathered_maps(outputs))
    return [gathering_bundle(folder / "bundle"), frames, "maps", maps]


@pytest.fixture(scope="module", params=COMPILERS, ids=str)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = [*core_sources(), C / "common/words.c", HERE / "vectors.c"]
    out = tmp_path_factory.mktemp("c") / "vectors"
    flags = SANITIZED if request.param == "gcc" else ()
    return build(out, sources, compiler=request.param, flags=flags)


def answer(printed: str) -> dict[str, Any]:
    """One frame's lines as the vectors have it; the engine's outputs beside it, by name."""
    given: dict[str, Any] = {"input": None, "maps": {}}
    for line in printed.splitlines():
        word, _, rest = line.partition(" ")
        if word in ("reason", "detail"):
            given[word] = rest
        elif word == "flag":
            given |= {"temporal_flag": int(rest), "regions": []}
        elif word == "of_frame":
            given["class_probs"] = _hex(rest.split())
        elif word == "region":
            given["regions"].append(_region(rest.split()))
        elif word == "of_region":
            given["regions"][-1]["class_probs"] = _hex(rest.split())
        elif word == "input":
            given["input"] = hashlib.sha256(bytes.fromhex(rest)).hexdigest()
        else:
            given["maps"][word] = bytes.fromhex(rest)
    return given


def _hex(words: list[str]) -> list[str]:
    return [float.fromhex(word).hex() for word in words]


def _region(words: list[str]) -> dict[str, Any]:
    return {
        "box": [int(word) for word in words[:4]],
        "area": _hex(words[4:5])[0],
        "mm": _hex(words[6:9]) if int(words[5]) else None,
        "suspicion": _hex(words[9:10])[0],
        "flagged": int(words[10]),
        "track": int(words[11]),
        "track_flagged": int(words[12]),
        "contour": [int(word) for word in words[13:]],
    }


def run(command: list[Any]) -> list[dict[str, Any]]:
    """What the program answers, frame by frame."""
    done = subprocess.run([str(word) for word in command], capture_output=True)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return [answer(text) for text in done.stdout.decode().split("frame\n")[1:]]


def compare(given: list[dict[str, Any]], vectors: Path = VECTORS) -> None:
    for ours, written in itertools.zip_longest(given, read(vectors)):
        ours.pop("maps")
        name, _ = written.pop("name"), written.pop("pixels")
        assert ours == written, name


@pytest.mark.req("R75")
def test_a_stream_by_evidence_is_answered_as_python_answers_it(
    program: Path, tmp_path: Path
) -> None:
    compare(run([program, *gathered(tmp_path)]), GATHERED)


@pytest.mark.req("R75")
def test_every_scene_is_answered_as_python_answers_it(
    program: Path, frames: Path, maps: Path
) -> None:
    compare(run([program, BUNDLE, frames, "maps", maps]))


def test_the_engines_outputs_are_pythons(program: Path, frames: Path) -> None:
    given = run([program, BUNDLE, frames, "ort", onnxruntime()])
    expected = iter(read_maps(read_bundle(BUNDLE).manifest.outputs))
    for ours in given:
        if ours["input"] is None:
            continue
        for name, tensor in next(expected).items():
            values = np.frombuffer(ours["maps"][name], dtype=tensor.dtype).astype(np.float64)
            allowed = 1e-5 if tensor.dtype == np.float32 else 1
            assert np.abs(values - tensor.ravel()).max() <= allowed


@pytest.mark.req("R75")
def test_aarch64_gives_the_same_answers(tmp_path: Path, frames: Path, maps: Path) -> None:
    emulator = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
    if emulator is None:
        pytest.skip("needs qemu-aarch64")
    sources = [*core_sources(), C / "common/words.c", HERE / "vectors.c"]
    # Linked statically: the machine's own C library is for another processor.
    program = build(
        tmp_path / "vectors", sources, compiler="aarch64-linux-gnu-gcc", flags=["-static"]
    )
    compare(run([emulator, program, BUNDLE, frames, "maps", maps]))
    compare(run([emulator, program, *gathered(tmp_path)]), GATHERED)
