"""A tiny bundle with a second opinion, certainty and a clinical coefficient."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import sonoedge
from sonoedge import Analysed, Frame
from sonoedge.bundle.identity import manifest_text
from sonoedge.description import Description
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import read_recipe

TINY = Path(__file__).parent / "tiny"
LATENCIES = {"onnxruntime-fp32": 1.0, "openvino-fp32": 2.0}
TABLES = """
[measure]

[[head]]
name = "second-opinion"
kind = "logistic"
settings = { C = [0.03, 0.1] }
fit = { frames = ["fit/frames.json"] }
choose = { frames = ["choose/frames.json"] }
fuse = "on"

[certainty]
alpha = 0.1
choose = { frames = ["choose/frames.json"] }

[[certainty.measure]]
frames = ["fit/frames.json"]

[clinical.age_years]
centre = 50
per_unit = 0.03
lowest = 18
highest = 100
source = "drawn, for tests alone"
"""


def write_frames(folder: Path, count: int, first: int) -> None:
    """Drawn frames whose classes also differ in shape: benign discs, malignant stars."""
    rng = np.random.default_rng(first)
    folder.mkdir(parents=True)
    rows = []
    for n in range(count):
        malignant = n % 2 == 1
        pixels = rng.integers(140, 200, (120, 160), dtype=np.uint8)
        mask = np.zeros_like(pixels)
        angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        radius = rng.integers(16, 24) * (1 + (0.25 if malignant else 0) * np.sin(5 * angle))
        centre = np.array([rng.integers(50, 110), rng.integers(45, 75)])
        points = centre + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        cv2.fillPoly(mask, [points.astype(np.int32)], 255)
        # The network grades by darkness, which tells the classes apart in most frames only.
        pixels[mask > 0] = 10 if malignant != (rng.random() < 0.2) else 55
        cv2.imwrite(str(folder / f"f{n}.png"), pixels)
        cv2.imwrite(str(folder / f"m{n}.png"), mask)
        label = "malignant" if malignant else "benign"
        rows.append({"image": f"f{n}.png", "mask": f"m{n}.png", "label": label})
        rows[-1] |= {"patient": f"p{first + n}", "spacing_mm": [0.2, 0.2]}
    (folder / "frames.json").write_text(json.dumps({"name": folder.name, "frames": rows}))


EMBEDDED = """
[outputs.embedding]
layer = "texture"

[[head]]
name = "embedding"
kind = "logistic"
inputs = ["embedding"]
fit = { frames = ["fit/frames.json"] }
choose = { frames = ["choose/frames.json"] }

[[head]]
name = "hybrid"
kind = "svm-rbf"
inputs = ["features", "embedding"]
fit = { frames = ["fit/frames.json"] }
choose = { frames = ["choose/frames.json"] }
"""


def make_place(folder: Path, *, embedded: bool = False) -> Path:
    """A recipe with heads, its frames, and the bundle that it gives: bundle/.

    Args:
        embedded: the graphs give an embedding, which two more heads are told.
    """
    for name in ("recipe.toml", "network.py"):
        (folder / name).write_text((TINY / name).read_text())
    write_frames(folder / "fit", 60, 0)
    write_frames(folder / "choose", 60, 500)
    recipe = folder / "recipe.toml"
    text = recipe.read_text().replace("frames/frames.json", "choose/frames.json")
    if embedded:
        text = text.replace("network:dark_spots", "network:textured")
    recipe.write_text(text + TABLES + (EMBEDDED if embedded else ""))
    export(recipe, folder / "bundle")
    return folder


def export(recipe: Path, out: Path) -> None:
    """Export without measuring engines."""
    stages = Stages(io.StringIO())
    export_bundle(read_recipe(recipe), out, stages, earlier=Earlier(latency_ms=LATENCIES))


def frame(place: Path, name: str) -> Frame:
    """A drawn frame."""
    pixels = cv2.imread(str(place / name), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    return Frame(pixels=pixels.astype(np.uint8), spacing_mm=(0.2, 0.2))


def describe(place: Path, name: str = "choose/f1.png", **examination: Any) -> Description:
    """What the bundle says of a frame's first region."""
    with sonoedge.open(place / "bundle", tracking=False) as analyser:
        shown = frame(place, name)
        analysis = analyser.analyse(shown)
        assert isinstance(analysis, Analysed)
        return analyser.describe(shown, analysis.regions[0], examination=examination)


def copied(place: Path, to: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The bundle with another manifest, whose id is computed anew."""
    for file in (place / "bundle").rglob("*.*"):
        target = to / file.relative_to(place / "bundle")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    data = json.loads((to / "manifest.json").read_text())
    change(data)
    (to / "manifest.json").write_text(manifest_text(data))
    return to
