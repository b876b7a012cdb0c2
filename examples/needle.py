"""A straight bright needle in simulated frames: what a classical detector finds, and what not.

    python examples/needle.py --frames 40

Nothing of the SDK calls it: it is off unless you build it in, and it is no guidance. Its figures
are those of simulated frames, printed here. The line is found where the needle shines and is long;
where its tip lies is not known from one frame, and on frames without a needle other bright lines
score too.

Method: second derivatives of Gaussians, long in one direction, every 5 degrees (steerable line
filters, Freeman and Adelson 1991); each pixel votes for the line of its own direction; the
principal axis of the winner's pixels, by the code that serves `geometry = "line"`.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.processing.geometry import fit
from sonoedge.processing.line import line_of
from sonoedge.processing.outlines import Part

SIZE: Final = (240, 320)  # height, width
ANGLES: Final = [a for a in range(-70, 75, 5) if abs(a) >= 15]  # degrees; flatter lines are tissue
LONG: Final = 31  # pixels of a filter
INNER: Final = 0.1  # of each side of the frame is not looked at: its edges are lines themselves

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaft:
    """A shaft: never a tip.

    Attributes:
        angle: degrees from level; positive falls to the right.
        ends: (x, y) of the two ends of what shines, pixels.
        score: mean filter response along it, in standard deviations of the frame's.
    """

    angle: float
    ends: tuple[tuple[float, float], tuple[float, float]]
    score: float


def simulated(rng: np.random.Generator, *, needle: bool) -> tuple[Picture, Shaft | None]:
    """Speckle, two layers of tissue with bright borders, and perhaps a needle; with the truth."""
    height, width = SIZE
    strength = np.ones(SIZE, np.float32)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    for _ in range(2):
        level = rng.uniform(0.2, 0.9) * height + np.tan(np.deg2rad(rng.uniform(-12, 12))) * x
        strength += rng.uniform(1, 4) * np.exp(-(((y - level) / 2.5) ** 2)).astype(np.float32)
    truth = None
    if needle:
        angle = float(rng.uniform(15, 60) * rng.choice([-1, 1]))
        start = np.array([0.0 if angle > 0 else width - 1, rng.uniform(0, 0.3) * height])
        along = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
        along *= 1 if angle > 0 else -1
        tip = start + along * rng.uniform(0.45, 0.8) * height
        t = (x - start[0]) * along[0] + (y - start[1]) * along[1]
        across = (x - start[0]) * along[1] - (y - start[1]) * along[0]
        inside = (t > 0) & (t < np.linalg.norm(tip - start))
        shine = rng.uniform(2, 10) * (0.4 + 0.6 * rng.random()) * inside
        strength += (shine * np.exp(-((across / 1.2) ** 2))).astype(np.float32)
        ends = ((float(start[0]), float(start[1])), (float(tip[0]), float(tip[1])))
        truth = Shaft(angle=angle, ends=ends, score=0)
    field = [rng.normal(size=SIZE).astype(np.float32) * strength for _ in range(2)]
    echo = np.hypot(*(cv2.GaussianBlur(part, (0, 0), 1.6, None, 0.8) for part in field))
    decibels = 20 * np.log10(echo / np.percentile(echo, 99.5) + 1e-6)
    return np.clip(255 * (1 + decibels / 50), 0, 255).astype(np.uint8), truth


def line_filter(angle: float) -> npt.NDArray[np.float32]:
    """Answers to a bright line of this angle, sums to 0."""
    y, x = np.mgrid[:LONG, :LONG].astype(np.float32) - LONG // 2
    c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    along, across = x * c + y * s, -x * s + y * c
    width = 2.0
    kernel = (1 - (across / width) ** 2) * np.exp(-0.5 * (across / width) ** 2)
    kernel *= np.exp(-0.5 * (along / (LONG / 5)) ** 2)
    kernel -= kernel.mean()
    return (kernel / np.abs(kernel).sum()).astype(np.float32)


def find(picture: Picture) -> Shaft:
    """The line that most pixels agree on; there is always one: its score says what it is worth."""
    answers = np.stack(
        [cv2.filter2D(picture.astype(np.float32), -1, line_filter(a)) for a in ANGLES]
    )
    best, which = answers.max(axis=0), answers.argmax(axis=0)
    best = (best - best.mean()) / best.std()
    top, left = (round(side * INNER) for side in picture.shape)
    seen = np.zeros(picture.shape, bool)
    seen[top:-top, left:-left] = best[top:-top, left:-left] > 1
    y, x = np.nonzero(seen)
    votes, theta = best[seen], np.deg2rad(np.array(ANGLES))[which[seen]]
    offset = -x * np.sin(theta) + y * np.cos(theta)
    edges = np.arange(-sum(SIZE), sum(SIZE), 3.0)
    count, _, _ = np.histogram2d(
        which[seen], offset, (np.arange(len(ANGLES) + 1), edges), weights=votes
    )
    row, column = np.unravel_index(count.argmax(), count.shape)
    near = (which[seen] == row) & (np.abs(offset - edges[column] - 1.5) < 5)
    cells = np.zeros(picture.shape, np.uint8)
    cells[y[near], x[near]] = 1
    height, width = picture.shape
    box = (0, 0, width, height)
    part = Part(outline=np.zeros((0, 2), np.int32), box=box, solid=cells)
    geometry = fit(roi_px=box, input_hw=(height, width), policy="stretch")
    # The line that a bundle with geometry = "line" gives each region.
    line = line_of(part, geometry, (height, width))
    score = float(votes[near].sum() / sum(SIZE) * 10)
    return Shaft(angle=line.angle_deg, ends=line.ends_px, score=score)


def distances(found: Shaft, truth: Shaft) -> tuple[float, float, float]:
    """Degrees between the lines; pixels from the true tip to the line, and to its nearer end."""
    turn = abs((found.angle - truth.angle + 90) % 180 - 90)
    tip, one, other = (np.array(p) for p in (truth.ends[1], *found.ends))
    along = (other - one) / max(1e-9, float(np.linalg.norm(other - one)))
    aside = abs(float((tip - one)[0] * along[1] - (tip - one)[1] * along[0]))
    end = min(float(np.linalg.norm(tip - one)), float(np.linalg.norm(tip - other)))
    return turn, aside, end


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--frames", type=int, default=40, help="with and without, half and half")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    rng = np.random.default_rng(args.seed)
    rows, scores, empty = [], [], []
    for number in range(args.frames):
        picture, truth = simulated(rng, needle=number % 2 == 0)
        found = find(picture)
        (scores if truth is not None else empty).append(found.score)
        if truth is not None:
            rows.append(distances(found, truth))
    turns, asides, ends = np.array(rows).T
    hits = turns < 3
    print(f"simulated needles whose line is found, within 3 degrees: {hits.sum()} of {len(rows)}")
    if hits.any():
        print(f"  angle off by {np.median(turns[hits]):.1f} degrees (median)")
        print(f"  line off the tip by {np.median(asides[hits]):.0f} px (median)")
        print(
            f"  end off the tip by {np.median(ends[hits]):.0f} px, worst {ends[hits].max():.0f} px"
        )
    threshold = float(np.median(scores))
    false = np.mean(np.array(empty) >= threshold)
    print(
        f"score with a needle {min(scores):.0f} to {max(scores):.0f}, without {min(empty):.0f} to "
        f"{max(empty):.0f}"
    )
    print(f"frames without a needle that reach the median score of those with one: {false:.0%}")
    print("a line of the shaft, in simulated frames: no tip, no guidance")


if __name__ == "__main__":
    main()
