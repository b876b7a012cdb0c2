"""A bundle whose engine fails on order, made from a sound one."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2

import sonoedge
from sonoedge import EngineOptions
from sonoedge.bundle import Golden, Manifest, Variant, read_bundle
from sonoedge.bundle.digest import digest
from sonoedge.bundle.golden import write_regions
from sonoedge.bundle.golden_file import write_outputs
from sonoedge.engines.golden import ask_golden
from sonoedge.processing.preprocess import Preprocess
from sonoedge.runtime import runtime_class
from sonoedge.settings import plain

MODEL = "graphs/faulty.json"
OUTPUTS = "golden/faulty.npz"
REGIONS = "golden/faulty.json"


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
    # Of equal probabilities, that of a frame out of scope may be enough to stop every frame.
    postprocess = dataclasses.replace(bundle.manifest.postprocess, out_of_scope=None)
    original = dataclasses.replace(bundle.manifest, postprocess=postprocess)
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
    answers = ask_golden(engine, Preprocess(original.preprocess), original.postprocess, frames)
    for name, pixels in zip(names, frames, strict=True):
        cv2.imwrite(str(out / name), pixels)
    (out / OUTPUTS).write_bytes(write_outputs([a.outputs for a in answers]))
    (out / REGIONS).write_bytes(write_regions([a.expected for a in answers]))
    manifest = _manifest(original, names)
    files = {path: digest((out / path).read_bytes()) for path in (MODEL, OUTPUTS, REGIONS, *names)}
    manifest = dataclasses.replace(manifest, files=files)
    (out / "manifest.json").write_text(manifest.to_json())
    return out


def _manifest(original: Manifest, golden: tuple[str, ...]) -> Manifest:
    variant = Variant(
        id="faulty",
        runtime="faulty",
        precision="fp32",
        model=MODEL,
        golden=OUTPUTS,
        golden_regions=REGIONS,
        tolerance=original.variants[0].tolerance,
        latency_ms_p50=1.0,
        metrics={},
    )
    return dataclasses.replace(
        original,
        name="faulty",
        intended_use="Reliability tests; its answers mean nothing.",
        variants=(variant,),
        reference_variant="faulty",
        golden=Golden(frames=golden),
    )
