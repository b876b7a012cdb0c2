"""How far the measures of a region agree with those of the same region after a small change.

    python -m studies.measure_agreement BUNDLE FOLDER... [--regions N] [--variant ID]

Each FOLDER holds a frames.json, of which the frames of its split "test" with a lesion are taken.
The regions are those that the bundle's network finds. For each change it prints the median of
ICC(A,1) (McGraw and Wong 1996) by group and the share of the measures that reach 0.75, then the
measures whose least ICC over all changes lies below 0.75. Returns 3 where a group's median at
half the resolution is below 0.85.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge.analysis import Analysed, Region
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import SonoedgeError
from sonoedge.guard import GuardSettings
from sonoedge.measure import GROUPS, NAMES, MeasureSettings, measure
from studies.measure_cost import frames_of

Grey: TypeAlias = npt.NDArray[np.uint8]
Contour: TypeAlias = npt.NDArray[np.int32]
Change: TypeAlias = Callable[[Grey, Contour], tuple[Grey, Contour]]

STABLE: Final = 0.75
BOUND: Final = 0.85  # of each group's median, at half the resolution
HALF: Final = "half the resolution"
GATE_FAILED: Final = 3


def icc(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    """ICC(A,1): absolute agreement of single measures, two raters; 1 where nothing varies."""
    x = np.stack([a, b], axis=1).astype(np.float64)
    n, k = x.shape
    mean = x.mean()
    rows = k * ((x.mean(axis=1) - mean) ** 2).sum() / (n - 1)
    columns = n * ((x.mean(axis=0) - mean) ** 2).sum() / (k - 1)
    rest = x - x.mean(axis=1, keepdims=True) - x.mean(axis=0) + mean
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    whole = rows + (k - 1) * error + k * (columns - error) / n
    return float((rows - error) / whole) if whole > 0 else 1.0


def _halved(grey: Grey, contour: Contour) -> tuple[Grey, Contour]:
    small = np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    points = np.rint((contour + 0.5) * 0.5 - 0.5).astype(np.int32)
    return small.astype(np.uint8), _within(points, small.shape)


def _widened(grey: Grey, contour: Contour) -> tuple[Grey, Contour]:
    middle = contour.mean(axis=0)
    return grey, _within(np.rint(middle + (contour - middle) * 1.05).astype(np.int32), grey.shape)


def _moved(grey: Grey, contour: Contour) -> tuple[Grey, Contour]:
    return np.roll(grey, 3, axis=1), _within(contour + np.array([3, 0], np.int32), grey.shape)


def _mapped(levels: npt.NDArray[np.float64]) -> Change:
    table = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return lambda grey, contour: (table[grey], contour)


def _noisy(grey: Grey, contour: Contour) -> tuple[Grey, Contour]:
    noise = np.random.default_rng(0).normal(0, 4, grey.shape)
    return np.clip(np.rint(grey + noise), 0, 255).astype(np.uint8), contour


def _jpeg(grey: Grey, contour: Contour) -> tuple[Grey, Contour]:
    _, data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 75])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8), contour


def _within(points: Contour, shape: Sequence[int]) -> Contour:
    return points.clip(0, (shape[1] - 1, shape[0] - 1)).astype(np.int32)


_LEVELS: Final = np.arange(256, dtype=np.float64)
CHANGES: Final[Mapping[str, Change]] = {
    HALF: _halved,
    "outline 5 % wider": _widened,
    "gain + 10 %": _mapped(_LEVELS * 1.1),
    "gamma 0.8": _mapped(255 * (_LEVELS / 255) ** 0.8),
    "JPEG 75": _jpeg,
    "noise, deviation 4": _noisy,
    "moved by 3 pixels": _moved,
}


def agreements(regions: Sequence[tuple[Grey, Region]], change: Change) -> npt.NDArray[np.float64]:
    """ICC(A,1) of each of `NAMES`; of the regions that can be measured both ways."""
    pairs = []
    for grey, region in regions:
        other, contour = change(grey, region.contour_px)
        before = measure(grey, region, settings=MeasureSettings())
        changed = replace(region, contour_px=contour)
        after = measure(other, changed, settings=MeasureSettings())
        if before is not None and after is not None:
            pairs.append((before.values, after.values))
    table = np.array(pairs)
    return np.array([icc(table[:, 0, k], table[:, 1, k]) for k in range(len(NAMES))])


def row(name: str, values: npt.NDArray[np.float64]) -> str:
    """A change's row: each group's median, and the share that is stable."""
    cells = []
    for group in GROUPS:
        mine = values[[n.startswith(f"{group}.") for n in NAMES]]
        cells.append(f"{np.median(mine):6.2f} /{100 * (mine >= STABLE).mean():4.0f} %")
    return f"{name:20}" + "".join(cells)


def least_median(values: npt.NDArray[np.float64]) -> float:
    """The lowest of the groups' medians."""
    masks = ([n.startswith(f"{group}.") for n in NAMES] for group in GROUPS)
    return min(float(np.median(values[mask])) for mask in masks)


def found(bundle: Path, folders: Sequence[Path], variant: str, most: int) -> list[Any]:
    """Evenly spread over the folders' test frames: (grey, the largest region found)."""
    frames = [frame for folder in folders for frame in frames_of(folder, split="test")]
    options = EngineOptions(variant=variant)
    guard = GuardSettings(frozen_after_ms=None)
    regions = []
    with sonoedge.open(bundle, options, guard=guard, tracking=False) as analyser:
        for k in np.linspace(0, len(frames) - 1, min(most, len(frames))).astype(int):
            analysis = analyser.analyse(frames[k])
            if isinstance(analysis, Analysed) and analysis.regions:
                largest = max(analysis.regions, key=lambda region: region.area_px)
                regions.append((frames[k].pixels, largest))
    return regions


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m studies.measure_agreement")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--variant", default="onnxruntime-int8")
    parser.add_argument("--regions", type=int, default=200, metavar="N", help="frames, at most")
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    try:
        regions = found(args.bundle, args.folders, args.variant, args.regions)
    except SonoedgeError as error:
        print(f"measure_agreement: {error.token}: {error}", file=sys.stderr)
        return error.exit_code
    print(f"{len(regions)} regions; median ICC(A,1) / share of at least {STABLE}")
    print(f"{'':20}" + "".join(f"{group:>14}" for group in GROUPS))
    least = np.ones(len(NAMES))
    values = {}
    for name, change in CHANGES.items():
        values[name] = agreements(regions, change)
        least = np.minimum(least, values[name])
        print(row(name, values[name]))
    weak = sorted((value, name) for value, name in zip(least, NAMES, strict=True) if value < STABLE)
    print("least below 0.75: " + ", ".join(f"{name} {value:.2f}" for value, name in weak))
    return GATE_FAILED if least_median(values[HALF]) < BOUND else 0


if __name__ == "__main__":
    sys.exit(main())
