"""Drawn frames that look a little like B-mode: layers, speckle, a lesion that may cast a shadow.

They stand in for a user's own frames where only engines are compared: nothing is
claimed about lesions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
HEIGHT, WIDTH = 240, 320
KINDS = ("normal", "benign", "malignant")


def drawn(number: int, kind: str) -> tuple[Picture, Picture]:
    """One frame and its mask, uint8 (HEIGHT, WIDTH); the same number gives the same frame."""
    rng = np.random.default_rng(number)
    depth = np.linspace(0, 1, HEIGHT)[:, None]
    echo = 0.6 + 0.25 * np.sin(depth * rng.uniform(6, 14) + rng.uniform(0, 6)) * np.ones((1, WIDTH))
    echo += 0.45 * cv2.GaussianBlur(rng.normal(size=echo.shape), (0, 0), 18) * 18
    mask = np.zeros(echo.shape, np.uint8)
    if kind != "normal":
        _lesion(rng, kind, echo, mask)
    envelope = np.hypot(*(cv2.GaussianBlur(rng.normal(size=echo.shape), (0, 0), 1.2) for _ in "xy"))
    level = 20 * np.log10(np.clip(envelope * echo.clip(0.03) * np.exp(-0.6 * depth), 1e-3, None))
    grey = 255 * (level - level.max() + rng.uniform(42, 52)) / 50
    return grey.clip(0, 255).astype(np.uint8), mask


def write(folder: Path, splits: Mapping[str, int]) -> Path:
    """A frames.json with so many frames in each split. Only those of "fit" have labels."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for split, count in splits.items():
        for n in range(count):
            kind, number = KINDS[n % len(KINDS)], len(rows)
            pixels, mask = drawn(number, kind)
            cv2.imwrite(str(folder / f"f{number}.png"), pixels)
            cv2.imwrite(str(folder / f"m{number}.png"), mask)
            known = split == "fit"
            row = {"image": f"f{number}.png", "mask": f"m{number}.png" if known else None}
            rows.append(row | {"label": kind if known else None, "split": split})
    file = folder / "frames.json"
    file.write_text(json.dumps({"name": "drawn", "frames": rows}))
    return file


def _lesion(
    rng: np.random.Generator, kind: str, echo: npt.NDArray[np.float64], mask: Picture
) -> None:
    """A smooth grey ellipse, or a dark ragged one with a shadow below."""
    at = np.array([rng.uniform(80, WIDTH - 80), rng.uniform(70, HEIGHT - 90)])
    size = rng.uniform(22, 42, 2)
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    ragged = rng.uniform(0.7, 1.3, 48) if kind == "malignant" else np.ones(48)
    outline = at + np.stack([np.cos(angle), np.sin(angle)], 1) * size * ragged[:, None]
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 255)
    inside = mask > 0
    echo[inside] *= 0.12 if kind == "malignant" else 0.35
    below = np.cumsum(inside, axis=0, dtype=np.int64) > 0
    echo[below & ~inside] *= 0.6 if kind == "malignant" else 1.25
