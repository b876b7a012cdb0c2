"""A bundle whose engine fails on order, made from a sound one."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

import sonoedge
from sonoedge import EngineOptions
from sonoedge.bundle import Golden, Manifest, Variant, read_bundle
from sonoedge.bundle.digest import digest
from sonoedge.processing.preprocess import Preprocess
from sonoedge.runtime import runtime_class
from sonoedge.settings import plain

MODEL = "graphs/faulty.json"
ANSWERS = "golden/faulty.npz"


def first_frame_call(base: Path) -> int:
    """The call of `infer` that the first live frame makes, counted from 0.

    It is counted, not known: warm-up, golden frames and rehearsal go before it.
    """
    with TemporaryDirectory() as folder:
        sound = make_faulty_bundle(base, Path(folder) / "sound")
        with sonoedge.open(sound, EngineOptions(test_doubles=True)) as analyser:
            return int(analyser.engine.calls)  # type: ignore[attr-defined]


def make_faulty_bundle(
    base: Path,
    out: Path,
    faults: Sequence[Mapping[str, Any]] = (),
    *,
    base_ms: float = 0.0,
    golden: int = 1,
) -> Path:
    """Write a bundle with the tensors and golden frames of `base` and the faulty runtime.

    It opens with `EngineOptions(test_doubles=True)` alone.
    Its golden answers are those of the engine without its faults.

    Args:
        base: a bundle's folder.
        out: the folder to make.
        faults: see `sonoedge_runtimes.testing.faulty.Fault`.
        base_ms: what a sound call takes, milliseconds.
        golden: how many of the golden frames to take; less is quicker to open.

    Returns:
        `out`.
    """
    bundle = read_bundle(base)
    original = bundle.manifest
    sound = {
        "inputs": plain(original.inputs),
        "outputs": plain(original.outputs),
        "base_ms": base_ms,
    }
    frames = bundle.golden_frames()[:golden]
    names = tuple(f"golden/frame{n:03d}.png" for n in range(len(frames)))
    for folder in ("graphs", "golden"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    (out / MODEL).write_text(json.dumps(sound | {"faults": [dict(f) for f in faults]}))
    make = runtime_class("faulty", test_doubles=True)
    engine = make(json.dumps(sound).encode(), precision="fp32", threads=1)
    preprocess = Preprocess(original.preprocess)
    answers = {}
    for number, (name, pixels) in enumerate(zip(names, frames, strict=True)):
        cv2.imwrite(str(out / name), pixels)
        tensors = {original.inputs[0].name: preprocess(pixels)[0]}
        for tensor, array in engine.infer(tensors).items():
            answers[f"{number:03d}.{tensor}"] = array
    with (out / ANSWERS).open("wb") as file:
        np.savez(file, **answers)  # type: ignore[arg-type]
    manifest = _manifest(original, names)
    files = {path: digest((out / path).read_bytes()) for path in (MODEL, ANSWERS, *names)}
    manifest = dataclasses.replace(manifest, files=files)
    (out / "manifest.json").write_text(manifest.to_json())
    return out


def _manifest(original: Manifest, golden: tuple[str, ...]) -> Manifest:
    variant = Variant(
        id="faulty",
        runtime="faulty",
        precision="fp32",
        model=MODEL,
        golden=ANSWERS,
        tolerance=original.variants[0].tolerance,
        latency_ms_p50=1.0,
        metrics={},
    )
    return dataclasses.replace(
        original,
        bundle_id=f"faulty-{original.bundle_id}",
        name="faulty",
        intended_use="Reliability tests; its answers mean nothing.",
        variants=(variant,),
        reference_variant="faulty",
        golden=Golden(frames=golden),
    )
