"""Whether the words of a region agree with a radiologist's descriptors.

    python -m studies.word_agreement BUNDLE --fixed-on FOLDER... --described FOLDER

Each FOLDER holds a frames.json. The regions are those that the bundle's network finds, never
drawn ones. `--fixed-on` prints what the thresholds of `sonoedge.words` were fixed on: its split
"val". `--described` holds a descriptors.json as well; it decides nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed, Region
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import InvalidData, SonoedgeError
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.measure import Measures, MeasureSettings, measure
from sonoedge.words import words

Picture = npt.NDArray[np.uint8]
FOUND_IOU: Final = 0.2  # a region is of the lesion where it overlaps the drawn one so far
BOUND: Final = 0.4  # least kappa of what is offered as a word for the outline
GATE_FAILED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A descriptor, and the word that should say the same.

    Attributes:
        name: of the measurement, see `sonoedge.words`.
        word: its word.
        measure: the measure behind it; `sign` -1 where less of it means more of the word.
        says: whether a radiologist's row says so.
        bounded: whether the study fails where kappa is below `BOUND`.
    """

    name: str
    word: str
    measure: str
    sign: int
    says: Callable[[Mapping[str, str]], bool]
    bounded: bool = False


DESCRIPTORS: Final = (
    Descriptor(
        name="outline",
        word="irregular",
        measure="shape.ellipse_perimeter",
        sign=-1,
        says=lambda row: row["shape"] == "irregular",
        bounded=True,
    ),
    Descriptor(
        name="outline",
        word="radiating",
        measure="shape.ellipse_perimeter",
        sign=-1,
        says=lambda row: "spiculated" in row["margin"],
    ),
    Descriptor(
        name="contrast to surroundings",
        word="anechoic",
        measure="margin.contrast",
        sign=1,
        says=lambda row: row["echogenicity"] == "anechoic",
    ),
    Descriptor(
        name="posterior",
        word="shadow",
        measure="margin.posterior",
        sign=-1,
        says=lambda row: "shadow" in row["posterior_features"],
    ),
    Descriptor(
        name="posterior",
        word="enhancement",
        measure="margin.posterior",
        sign=1,
        says=lambda row: "enhancement" in row["posterior_features"],
    ),
)


def kappa(a: Sequence[bool], b: Sequence[bool]) -> float:
    """Cohen's kappa (1960) of two raters; 0 where both say the same of all."""
    x, y = np.asarray(a, dtype=bool), np.asarray(b, dtype=bool)
    seen = float((x == y).mean())
    chance = float(x.mean() * y.mean() + (1 - x.mean()) * (1 - y.mean()))
    return 0.0 if chance == 1 else (seen - chance) / (1 - chance)


def auroc(scores: npt.NDArray[np.float64], positive: npt.NDArray[np.bool_]) -> float:
    """Share of pairs in the right order; ties count half. NaN without both kinds."""
    above = scores[positive][:, None] - scores[~positive][None, :]
    return float((above > 0).mean() + (above == 0).mean() / 2) if above.size else float("nan")


def found(
    analyser: Analyser, folder: Path, split: str | None
) -> Iterator[tuple[dict[str, Any], Measures]]:
    """The rows of a frames.json whose lesion the network finds, with that region's measures.

    Raises:
        InvalidData: it cannot be read.
    """
    try:
        rows = json.loads((folder / "frames.json").read_text(encoding="utf-8"))["frames"]
    except (OSError, ValueError, KeyError) as error:
        raise InvalidData(f"{folder.name}/frames.json: {type(error).__name__}") from None
    for row in rows:
        if row["label"] == "normal" or (split is not None and row.get("split") != split):
            continue
        pixels = cv2.imread(str(folder / row["image"]), cv2.IMREAD_GRAYSCALE)
        drawn = cv2.imread(str(folder / row["mask"]), cv2.IMREAD_GRAYSCALE)
        if pixels is None or drawn is None:
            raise InvalidData(f"{row['image']} or its mask cannot be read")
        analysis = analyser.analyse(Frame(pixels=np.asarray(pixels, dtype=np.uint8)))
        region = _best(analysis.regions, drawn > 0) if isinstance(analysis, Analysed) else None
        if region is None:
            continue
        measures = measure(np.asarray(pixels, np.uint8), region, settings=MeasureSettings())
        if measures is not None:
            yield row, measures


def _best(regions: Sequence[Region], drawn: npt.NDArray[np.bool_]) -> Region | None:
    best, region = FOUND_IOU, None
    for each in regions:
        mask = np.zeros(drawn.shape, dtype=np.uint8)
        cv2.fillPoly(mask, [each.contour_px], 1)
        overlap = np.count_nonzero(drawn & (mask > 0)) / np.count_nonzero(drawn | (mask > 0))
        if overlap > best:
            best, region = overlap, each
    return region


def origins(rows: Sequence[tuple[dict[str, Any], Measures]]) -> list[str]:
    """Where the thresholds come from."""
    outline = np.array([m.value("shape.ellipse_perimeter") for _, m in rows], dtype=np.float64)
    bad = np.array([row["label"] == "malignant" for row, _ in rows])
    splits = np.unique(outline)
    gains = [(outline[bad] <= s).mean() - (outline[~bad] <= s).mean() for s in splits]
    lines = [
        f"{len(rows)} regions, {int(bad.sum())} malignant",
        f"shape.ellipse_perimeter: best split {splits[int(np.argmax(gains))]:.3f}, "
        f"5 % of the benign below {np.quantile(outline[~bad], 0.05):.3f}",
    ]
    for name in ("margin.contrast", "margin.posterior"):
        values = [v for v in (m.value(name) for _, m in rows) if v is not None]
        low, high = np.quantile(values, [0.1, 0.9])
        lines.append(
            f"{name}: 10 % {low:.2f}, 90 % {high:.2f}; not measurable in "
            f"{len(rows) - len(values)} of {len(rows)}"
        )
    return lines


def agreement(
    rows: Sequence[tuple[Mapping[str, str], Measures]],
) -> tuple[list[str], bool]:
    """A line for each descriptor, and whether those with a bound reach it."""
    lines = [f"{'word':12} {'said':>5} {'frames':>6} {'AUROC':>6} {'kappa':>6}  with grey as no"]
    met = True
    for item in DESCRIPTORS:
        said, words_for, sure, scores = [], [], [], []
        for row, measures in rows:
            entry = next(w for w in words(measures, "breast") if w.name == item.name)
            if entry.value is None:
                continue
            said.append(item.says(row))
            words_for.append(entry.word == item.word)
            sure.append(entry.word is not None)
            scores.append(item.sign * entry.value)
        known = [k for k, is_sure in enumerate(sure) if is_sure]
        score = auroc(np.array(scores), np.array(said))
        if not any(words_for):
            lines.append(f"{item.word:12} {sum(said):5d} {len(said):6d} {score:6.2f} no such word")
            met = met and not item.bounded
            continue
        outside = kappa([said[k] for k in known], [words_for[k] for k in known])
        every = kappa(said, words_for)
        lines.append(
            f"{item.word:12} {sum(said):5d} {len(said):6d} {score:6.2f} {outside:6.2f}  "
            f"{every:.2f} ({len(said) - len(known)} in the grey zone)"
        )
        met = met and not (item.bounded and outside < BOUND)
    return lines, met


def main(argv: Sequence[str] | None = None) -> int:
    """Print both tables; returns 3 where an outline's word misses its bound."""
    parser = argparse.ArgumentParser(prog="python -m studies.word_agreement")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("--variant", default="onnxruntime-int8")
    parser.add_argument("--fixed-on", nargs="*", type=Path, default=[], metavar="FOLDER")
    parser.add_argument("--described", type=Path, metavar="FOLDER")
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    met = True
    try:
        with sonoedge.open(
            args.bundle,
            EngineOptions(variant=args.variant),
            guard=GuardSettings(frozen_after_ms=None),
            tracking=False,
        ) as analyser:
            rows = [each for folder in args.fixed_on for each in found(analyser, folder, "val")]
            if rows:
                print("\n".join(origins(rows)))
            if args.described is not None:
                text = (args.described / "descriptors.json").read_text(encoding="utf-8")
                table = json.loads(text)["frames"]
                described = [
                    (table[Path(row["image"]).name], measures)
                    for row, measures in found(analyser, args.described, None)
                    if Path(row["image"]).name in table
                ]
                lines, met = agreement(described)
                print("\n".join(lines))
    except (SonoedgeError, OSError, KeyError) as error:
        print(f"word_agreement: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0 if met else GATE_FAILED


if __name__ == "__main__":
    sys.exit(main())
