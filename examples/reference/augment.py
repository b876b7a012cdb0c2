"""Augmentation of B-mode frames: what another hand, preset or scanner would change.

Callipers and text are painted anywhere and for every class: in the training data
real ones stand beside lesions, and a network would take them for the sign of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from appearance import exchanged

Picture = npt.NDArray[np.uint8]
Random = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How often frames are changed, each from 0 to 1.

    Attributes:
        tone: gain, contrast, speckle and blur, of the frames whose pixels are changed.
        exchange: the slow shading of another frame, of the same.
        paste: another frame's lesion, of the frames without one.
        masks_only: share of the breast frames that are of sets without grades.
        synthetic: a phantom's frame in the place of one drawn (`phantom`).
    """

    tone: float = 1.0
    exchange: float = 0.0
    paste: float = 0.0
    masks_only: float = 0.12
    synthetic: float = 0.0


def warp(
    pixels: Picture, mask: Picture, rng: Random, reach: tuple[float, float] = (0.75, 1.45)
) -> tuple[Picture, Picture]:
    """Flip left-right, rotate, scale (within reach), shift, stretch and bend."""
    h, w = pixels.shape
    if rng.random() < 0.5:
        pixels, mask = pixels[:, ::-1], mask[:, ::-1]
    turn = np.deg2rad(rng.uniform(-12, 12))
    zoom = np.exp(rng.uniform(np.log(reach[0]), np.log(reach[1])))
    kx, ky = zoom * np.exp(rng.uniform(-0.08, 0.08, 2))
    c, s = np.cos(turn), np.sin(turn)
    matrix = np.array([[c / kx, -s / kx], [s / ky, c / ky]])
    shift = rng.uniform(-0.12, 0.12, 2) * (w, h)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    at = np.stack([x - w / 2 - shift[0], y - h / 2 - shift[1]], -1) @ matrix.T
    at = at.astype(np.float32) + np.float32([w / 2, h / 2])
    if rng.random() < 0.4:
        knots = int(rng.integers(4, 8))
        bend = rng.normal(0, 1, (knots, knots, 2)).astype(np.float32)
        at += (
            cv2.resize(bend, (w, h), interpolation=cv2.INTER_CUBIC) * rng.uniform(1, 5) * (w / 256)
        )
    mapx, mapy = np.ascontiguousarray(at[..., 0]), np.ascontiguousarray(at[..., 1])
    out = cv2.remap(np.ascontiguousarray(pixels), mapx, mapy, cv2.INTER_LINEAR)
    return out, cv2.remap(np.ascontiguousarray(mask), mapx, mapy, cv2.INTER_LINEAR)


def tone(pixels: Picture, rng: Random) -> Picture:
    """Gain, contrast, grey map, depth gain, shadow, speckle, blur or edge enhancement."""
    h, w = pixels.shape
    x = pixels.astype(np.float32) / 255
    if rng.random() < 0.5:
        knots = np.sort(rng.uniform(0, 1, 4))
        curve = np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, 6), [0, *knots, 1])
        mixed = 0.5 * curve + 0.5 * np.linspace(0, 1, 256)
        x = np.float32(mixed)[pixels]
    x = x ** np.float32(np.exp(rng.uniform(-0.45, 0.45)))
    if rng.random() < 0.4:
        depth = np.interp(np.arange(h), np.linspace(0, h, 5), rng.uniform(0.65, 1.3, 5))
        x = x * np.float32(depth)[:, None]
    if rng.random() < 0.15:
        centre, width = rng.uniform(0, w), rng.uniform(8, 40)
        dark = 1 - rng.uniform(0.3, 0.9) * np.exp(-(((np.arange(w) - centre) / width) ** 2))
        start = int(rng.uniform(0, 0.7) * h)
        x[start:] *= np.float32(dark)
    if rng.random() < 0.4:
        grain = rng.normal(0, 1, (h, w)).astype(np.float32)
        grain = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.5, 1.5))
        x = x * (1 + grain / grain.std() * np.float32(rng.uniform(0.03, 0.2)))
    blur = rng.random()
    if blur < 0.25:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.4, 1.6))
    elif blur < 0.4:
        x = x + np.float32(rng.uniform(0.3, 1.2)) * (x - cv2.GaussianBlur(x, (0, 0), 1.5))
    x = (x - 0.5) * np.float32(rng.uniform(0.7, 1.3)) + 0.5 + np.float32(rng.uniform(-0.12, 0.12))
    x[pixels == 0] = 0 if rng.random() < 0.7 else x[pixels == 0]
    return np.asarray(np.clip(x * 255, 0, 255), dtype=np.uint8)


def paint(pixels: Picture, rng: Random) -> Picture:
    """Callipers with dotted lines, body marks and text, anywhere."""
    h, w = pixels.shape
    out = np.ascontiguousarray(pixels).copy()
    for _ in range(int(rng.integers(0, 3))):
        ink = int(rng.integers(150, 256))
        ends = rng.uniform(0.05, 0.95, (2, 2)) * (w, h)
        kind = int(rng.choice([cv2.MARKER_CROSS, cv2.MARKER_TILTED_CROSS, cv2.MARKER_STAR]))
        size = int(rng.integers(5, 12))
        for end in ends.astype(int):
            cv2.drawMarker(out, (int(end[0]), int(end[1])), ink, kind, size, 1)
        if rng.random() < 0.6:
            length = float(np.hypot(*(ends[1] - ends[0])))
            for t in np.arange(0, 1, 4 / max(length, 4)):
                p = ends[0] + t * (ends[1] - ends[0])
                out[int(np.clip(p[1], 0, h - 1)), int(np.clip(p[0], 0, w - 1))] = ink
    if rng.random() < 0.35:
        letters = "".join(rng.choice(list("ABCDLRTHN0123456789.cm:"), int(rng.integers(1, 14))))
        at = (int(rng.uniform(-0.05, 0.85) * w), int(rng.uniform(0.05, 1.0) * h))
        ink = int(rng.integers(140, 256))
        cv2.putText(out, letters, at, cv2.FONT_HERSHEY_SIMPLEX, float(rng.uniform(0.25, 0.55)), ink)
    if rng.random() < 0.1:
        x, y = (rng.uniform(0, 0.8, 2) * (w, h)).astype(int)
        cv2.rectangle(out, (int(x), int(y)), (int(x) + 36, int(y) + 28), int(rng.integers(90, 255)))
    return out


def without_corner(pixels: Picture, mask: Picture, rng: Random) -> Picture:
    """Black in one corner of what is shown, the lower right in half of the cases.

    Scanners draw a body mark there; a network could tell a scanner by it, and the scanner's
    patients. A corner that a lesion reaches into is left.
    """
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    lower, right = (True, True) if rng.random() < 0.5 else rng.random(2) < 0.5
    share = rng.uniform((0.10, 0.09), (0.24, 0.22))  # of height and width
    if not len(rows):
        return pixels
    top, bottom, left, end = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    h, w = (round(float(n)) for n in share * (bottom - top, end - left))
    y, x = (bottom - h if lower else top), (end - w if right else left)
    if mask[y : y + h, x : x + w].any():
        return pixels
    out = np.ascontiguousarray(pixels).copy()
    out[y : y + h, x : x + w] = 0
    return out


def matched(pixels: Picture, other: Picture) -> Picture:
    """The grey levels of one frame, given the distribution of another's (Gonzalez and Woods).

    Black is left out of both, so that the padding stays what it is.
    """
    own = np.bincount(pixels.ravel(), minlength=256).astype(np.float64)
    wanted = np.bincount(other.ravel(), minlength=256).astype(np.float64)
    own[0] = wanted[0] = 0
    if not own.any() or not wanted.any():
        return pixels
    own, wanted = np.cumsum(own) / own.sum(), np.cumsum(wanted) / wanted.sum()
    levels = np.interp(own, wanted, np.arange(256))
    levels[0] = 0
    return np.asarray(np.rint(levels), dtype=np.uint8)[pixels]


def without_lesion(pixels: Picture, mask: Picture, rng: Random) -> Picture | None:
    """A part of a frame beside, above or below its lesion: normal tissue, filling the frame.

    None where no such part is at least 72 pixels high and wide, or where it is mostly black.
    """
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    if not len(rows) or not mask.any():
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    x, y, w, h = cv2.boundingRect(mask)
    parts = [
        (top, bottom, left, x - 6),
        (top, bottom, x + w + 6, right),
        (top, y - 6, left, right),
        (y + h + 6, bottom, left, right),
    ]
    parts = [p for p in parts if p[1] - p[0] >= 72 and p[3] - p[2] >= 72]
    if not parts:
        return None
    y0, y1, x0, x1 = parts[int(rng.integers(len(parts)))]
    part = pixels[y0:y1, x0:x1]
    if part.mean() < 15:
        return None
    size = pixels.shape[0]
    scale = size / max(part.shape)
    h, w = round(part.shape[0] * scale), round(part.shape[1] * scale)
    out = np.zeros_like(pixels)
    y, x = (size - h) // 2, (size - w) // 2
    out[y : y + h, x : x + w] = cv2.resize(part, (w, h), interpolation=cv2.INTER_LINEAR)
    return out


def sector(pixels: Picture, mask: Picture, rng: Random) -> tuple[Picture, Picture]:
    """Black outside a fan, as a curved array shows it: a shape says nothing about the organ."""
    h, w = pixels.shape
    half, radius = np.deg2rad(rng.uniform(28, 50)), rng.uniform(0.05, 0.6) * h
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    depth, across = y + np.float32(radius * np.cos(half)), x - np.float32(w / 2)
    distance = np.hypot(depth, across)
    seen = (np.abs(np.arctan2(across, depth)) <= half) & (distance >= radius)
    seen &= distance <= h + radius * np.cos(half)
    return pixels * seen, mask * seen


def compressed(pixels: Picture, rng: Random) -> Picture:
    """The traces of JPEG, as films and archives have them."""
    quality = [int(cv2.IMWRITE_JPEG_QUALITY), int(rng.integers(25, 90))]
    _, data = cv2.imencode(".jpg", pixels, quality)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def augment(
    pixels: Picture,
    mask: Picture,
    rng: Random,
    other: Picture | None = None,
    reach: tuple[float, float] = (0.75, 1.45),
    changes: Changes = Changes(),
) -> tuple[Picture, Picture]:
    """One augmented frame and its mask, both uint8 (H, W).

    Args:
        other: a frame whose grey levels, or slow shading, it may be given.
        reach: smallest and largest scale.
    """
    pixels, mask = warp(pixels, mask, rng, reach)
    if rng.random() >= 0.9:
        return pixels, mask
    if other is not None and rng.random() < 0.15:
        pixels = matched(pixels, other)
    if other is not None and changes.exchange and rng.random() < changes.exchange:
        pixels = exchanged(pixels, other, rng)
    if changes.tone == 1 or rng.random() < changes.tone:
        pixels = tone(pixels, rng)
    if rng.random() < 0.08:
        pixels, mask = sector(pixels, mask, rng)
    pixels = paint(pixels, rng)
    return compressed(pixels, rng) if rng.random() < 0.2 else pixels, mask
