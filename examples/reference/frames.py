"""The training frames, prepared once: preprocessed as on the device, and cached."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.frames import Frame
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge.sources import open_source

LABELS = ("normal", "benign", "malignant", "out_of_scope")
CLIPS = Path(__file__).with_name("out_of_scope.json")
PER_CLIP = 24  # frames taken of a clip, evenly spread


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """N frames in memory.

    Attributes:
        pixels: uint8 [N, H, W].
        masks: uint8 [N, H, W], 0 or 255.
        labels: int64 [N], an index into LABELS.
        sets: int64 [N], which data set each frame is from; -1: a clip that is no breast.
    """

    pixels: npt.NDArray[np.uint8]
    masks: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    sets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


def prepare(data: list[Path], split: str, size: int, cache: Path) -> Prepared:
    """Read one split of several data sets (folders with a frames.json)."""
    index = [json.loads((d / "frames.json").read_text())["frames"] for d in data]
    key = hashlib.sha256(json.dumps([index, split, size, 1]).encode()).hexdigest()[:16]
    file = cache / f"{split}-{size}-{key}.npz"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        preprocess = Preprocess(PreprocessSpec(height=size, width=size))
        pixels, masks, labels, sets = [], [], [], []
        for number, (folder, frames) in enumerate(zip(data, index, strict=True)):
            for frame in frames:
                if frame["split"] != split:
                    continue
                for name, into in (("image", pixels), ("mask", masks)):
                    picture = cv2.imread(str(folder / frame[name]), cv2.IMREAD_GRAYSCALE)
                    into.append(preprocess(picture)[0][0, 0].copy())
                labels.append(LABELS.index(frame["label"]))
                sets.append(number)
        np.savez(file, pixels=pixels, masks=masks, labels=labels, sets=sets)
    with np.load(file, allow_pickle=False) as z:
        return Prepared(pixels=z["pixels"], masks=z["masks"], labels=z["labels"], sets=z["sets"])


def read_clips(folder: Path, split: str, per_clip: int | None) -> list[tuple[str, Frame]]:
    """Frames of the clips of one split of out_of_scope.json, each with its clip's kind.

    Args:
        per_clip: so many of each clip, evenly spread; None for all.
    """
    found = []
    for clip in json.loads(CLIPS.read_text())["clips"]:
        if clip["split"] != split:
            continue
        with open_source(folder / clip["file"]) as source:
            frames = list(source)
        take = np.arange(len(frames))
        if per_clip is not None and len(frames) > per_clip:
            take = np.linspace(0, len(frames) - 1, per_clip).astype(int)
        found += [(str(clip["kind"]), frames[i]) for i in take]
    return found


def prepare_clips(folder: Path, split: str, size: int, cache: Path) -> Prepared:
    """The clips' frames as `prepare` makes them: nothing in them is a lesion."""
    what = CLIPS.read_bytes() + f"{split} {size} {PER_CLIP}".encode()
    file = cache / f"clips-{split}-{size}-{hashlib.sha256(what).hexdigest()[:16]}.npz"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        preprocess = Preprocess(PreprocessSpec(height=size, width=size))
        frames = [frame for _, frame in read_clips(folder, split, PER_CLIP)]
        np.savez(file, pixels=[preprocess(f.pixels, f.roi_px)[0][0, 0].copy() for f in frames])
    with np.load(file, allow_pickle=False) as z:
        pixels = z["pixels"]
    count = len(pixels)
    return Prepared(
        pixels=pixels,
        masks=np.zeros_like(pixels),
        labels=np.full(count, LABELS.index("out_of_scope")),
        sets=np.full(count, -1),
    )


def together(first: Prepared, second: Prepared) -> Prepared:
    """The frames of both."""
    names = ("pixels", "masks", "labels", "sets")
    return Prepared(**{n: np.concatenate([getattr(first, n), getattr(second, n)]) for n in names})
