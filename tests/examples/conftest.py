"""The reference network's own modules, importable as its programs import them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

# The tiny network's drawn frames have a module of the same name.
SHARED_NAMES = ("frames",)


@pytest.fixture
def reference(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder examples/reference, on the path."""
    folder = repository / "examples/reference"
    monkeypatch.syspath_prepend(folder)
    for name in SHARED_NAMES:
        sys.modules.pop(name, None)
    yield folder
    for name in SHARED_NAMES:
        sys.modules.pop(name, None)


@pytest.fixture
def drawn_set() -> Callable[[Path, int], Path]:
    """Draws a data set into a new folder, of so many frames."""
    return _drawn


def _drawn(folder: Path, count: int) -> Path:
    """A data set of dark discs: two frames of three are for training."""
    folder.mkdir()
    rng, rows = np.random.default_rng(count), []
    for n in range(count):
        pixels = rng.integers(80, 200, (96, 128), dtype=np.uint8)
        mask = np.zeros((96, 128), np.uint8)
        cv2.circle(mask, (int(rng.integers(40, 90)), 48), 20, 255, -1)
        pixels[mask > 0] //= 2 + n % 2 * 3
        cv2.imwrite(str(folder / f"{n}.png"), pixels)
        cv2.imwrite(str(folder / f"{n}m.png"), mask)
        split, label = "val" if n % 3 == 0 else "train", "malignant" if n % 2 else "benign"
        rows.append({"image": f"{n}.png", "mask": f"{n}m.png", "split": split, "label": label})
    (folder / "frames.json").write_text(json.dumps({"frames": rows}))
    return folder
