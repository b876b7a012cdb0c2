"""python seeds.py FOLDER: first inputs for each fuzzer, and words that it should try."""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from sonoedge.bundle.golden_file import write_outputs

TINY = Path(__file__).parents[3] / "data/tiny"


def seeds() -> Mapping[str, tuple[bytes, ...]]:
    """First inputs, by the fuzzer's name."""
    manifest = (TINY / "manifest.json").read_bytes()
    regions = json.loads((TINY / "golden/onnxruntime-fp32.json").read_bytes())
    regions["frames"] = regions["frames"][:1]
    tensors = {"a": np.arange(6, dtype=np.uint8).reshape(2, 3), "b": np.zeros(4, np.float32)}
    ramp = np.add.outer(np.arange(9), np.arange(7)).astype(np.uint8)
    text = b"abcabcabd" * 40
    size = len(text).to_bytes(2, "little")
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    return {
        "json": (manifest, b'[1, -0.5e3, "\\u00e9\\ud83d\\ude00", null, true, {"a": {}}]'),
        "manifest": (manifest,),
        "inflate": (
            size + zlib.compress(text),
            size + raw.compress(text) + raw.flush(),
            size + zlib.compress(text, 0),
        ),
        "png": tuple(
            cv2.imencode(".png", p)[1].tobytes() for p in (ramp, np.dstack([ramp, ramp * 2, ramp]))
        ),
        "npz": (write_outputs([tensors, tensors]),),
        "onnx": ((TINY / "graphs/fp32.onnx").read_bytes(),),
        "regions": (json.dumps(regions).encode(),),
    }


def main(folder: Path) -> None:
    """Write them."""
    for name, inputs in seeds().items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(inputs):
            (folder / name / f"seed{number}").write_bytes(data)
    keys = sorted(set(re.findall(rb'"(\w+)":', (TINY / "manifest.json").read_bytes())))
    words = [f'"\\"{key.decode()}\\""\n' for key in keys]
    (folder / "words").write_text("".join(words))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
