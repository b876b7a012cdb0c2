"""Simulated pictures that no scanner in contact with a body gives.

They measure how often the guard stops what it must. Air is drawn in beam space, as a
probe's own lens shows it: a bright ring-down, bands at the multiples of one distance
that fall in a straight line after log compression (an exponential before), then the
noise floor, which time gain compensation lifts with depth; then scan conversion to a
linear, convex or phased picture. Ranges are wider than any one scanner's. What it
leaves out: a gel film uneven enough to hide the bands, and a probe half in contact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Random = np.random.Generator

SIZES: Final = ((480, 640), (600, 800), (400, 512), (512, 512), (640, 480), (320, 248))


def black(rng: Random) -> Picture:
    """No signal: black level with a grabber's noise, sometimes with a word or a logo."""
    height, width = SIZES[rng.integers(len(SIZES))]
    noise = rng.normal(rng.uniform(0, 6), rng.uniform(0, 2.5), (height, width))
    pixels = _grey(noise)
    if rng.random() < 0.3:
        cv2.putText(pixels, "NO INPUT", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (200,), 1)
    return pixels


def saturated(rng: Random) -> Picture:
    """Overdriven: most of the picture at or near white."""
    height, width = SIZES[rng.integers(len(SIZES))]
    texture = _blurred(rng.normal(0, 1, (height, width)), rng.uniform(1, 6))
    return _grey(rng.uniform(256, 330) + texture / texture.std() * rng.uniform(2, 12))


def bars(rng: Random) -> Picture:
    """A test picture's vertical bars, in colour or grey, whole or above other fields."""
    height, width = SIZES[rng.integers(len(SIZES))]
    high = int(rng.choice([191, 255]))
    colours = [(b, g, r) for g in (high, 0) for r in (high, 0) for b in (high, 0)]
    if rng.random() < 0.3:  # a grey staircase
        count = int(rng.integers(6, 16))
        colours = [(round(255 * i / (count - 1)),) * 3 for i in range(count)]
    if rng.random() < 0.3:
        colours.reverse()
    row = np.repeat(np.array(colours, np.float64), -(-width // len(colours)), axis=0)[:width]
    pixels: Floats = np.repeat(row[None], height, axis=0)
    if rng.random() < 0.4:  # lower fields, as SMPTE's
        cut = round(height * rng.uniform(0.67, 0.75))
        pixels[cut:] = pixels[cut:, ::-1] * 0.5
        pixels[round(height * 0.8) :, : width // 4] = high
    pixels += rng.normal(0, rng.uniform(0, 3), pixels.shape)
    if rng.random() < 0.3:
        pixels = _blurred(pixels, rng.uniform(0.5, 2))
    pixels_u8 = _grey(pixels)
    if rng.random() < 0.5:
        return np.asarray(cv2.cvtColor(pixels_u8, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    return pixels_u8


def air(rng: Random) -> Picture:
    """A probe in air, of any geometry, gain and reach."""
    return AIR[list(AIR)[rng.integers(len(AIR))]](rng)


def linear_air(rng: Random) -> Picture:
    """A linear probe in air."""
    height, width = SIZES[rng.integers(len(SIZES))]
    return _grey(_beams(rng, height, width))


def convex_air(rng: Random) -> Picture:
    """A curved probe in air."""
    return _sector(rng, angle=rng.uniform(0.5, 0.75), apex=rng.uniform(0.25, 0.7))


def phased_air(rng: Random) -> Picture:
    """A phased array in air: a sector from nearly a point."""
    return _sector(rng, angle=rng.uniform(0.6, 0.8), apex=rng.uniform(0.02, 0.1))


def dim_air(rng: Random) -> Picture:
    """A linear probe in air at low gain: faint bands on black."""
    height, width = SIZES[rng.integers(len(SIZES))]
    return _grey(_beams(rng, height, width, top=rng.uniform(80, 140), floor=rng.uniform(0, 8)))


def noisy_air(rng: Random) -> Picture:
    """A linear probe in air at high gain: the noise floor is grey."""
    height, width = SIZES[rng.integers(len(SIZES))]
    return _grey(_beams(rng, height, width, top=rng.uniform(200, 280), floor=rng.uniform(25, 60)))


def gel_air(rng: Random) -> Picture:
    """A linear probe in air under an uneven film of gel: wavy bands, shadows of bubbles."""
    height, width = SIZES[rng.integers(len(SIZES))]
    return _grey(_beams(rng, height, width, waves=rng.uniform(0.01, 0.04), streaks=4))


AIR: Final[dict[str, Callable[[Random], Picture]]] = {
    "linear": linear_air,
    "convex": convex_air,
    "phased": phased_air,
    "dim": dim_air,
    "noisy": noisy_air,
    "gel": gel_air,
}
MUST_STOP: Final[dict[str, Callable[[Random], Picture]]] = {
    "black": black,
    "bars": bars,
    "saturated": saturated,
} | {f"air, {name}": maker for name, maker in AIR.items()}


def _beams(
    rng: Random,
    depths: int,
    lines: int,
    *,
    top: float | None = None,
    floor: float | None = None,
    waves: float = 0.003,
    streaks: int = 1,
) -> Floats:
    """Log-compressed air in beam space, float (depths, lines) grey levels.

    Args:
        top: grey level of the first band.
        floor: mean level of the noise at the surface.
        waves: how far bands bend, as a share of the depth.
        streaks: at most so many dead elements.
    """
    top = rng.uniform(150, 270) if top is None else top
    floor = rng.uniform(0, 35) if floor is None else floor
    reach = rng.uniform(0.06, 0.35)  # where the bands drown in the noise
    distance = rng.uniform(0.012, 0.06)
    z = np.linspace(0, 1, depths)[:, None]
    x = np.linspace(0, 1, lines)[None, :]
    bend = waves * np.sin(2 * np.pi * (x * rng.uniform(0.5, 3) + rng.random()))
    ripple = np.cos(2 * np.pi * np.maximum(z + bend, 0) / distance)
    sharp = rng.uniform(0.6, 3)
    bands = (0.5 + 0.5 * ripple) ** sharp
    contrast = rng.uniform(0.3, 0.8)
    signal = top * (1 - z / reach) * (1 - contrast + contrast * bands)
    lateral = _blurred(rng.normal(0, 1, (1, lines)), lines / 12)
    signal = signal * (1 + rng.uniform(0.02, 0.12) * lateral / lateral.std())
    for _ in range(rng.integers(0, streaks + 1)):
        at, wide = rng.integers(lines), max(1, round(lines * rng.uniform(0.005, 0.03)))
        signal[:, at : at + wide] *= rng.uniform(0.1, 0.7)
    lift = 1 + rng.uniform(-0.2, 1.2) * z  # time gain compensation
    grain = _blurred(rng.rayleigh(1, (depths, lines)), rng.uniform(0.6, 2.5), 0.7)
    noise = floor * lift * (1 + rng.uniform(0.1, 0.4) * (grain - grain.mean()) / grain.std())
    speckle = 1 + rng.uniform(0.02, 0.12) * (grain - grain.mean()) / grain.std()
    beams: Floats = np.maximum(signal * speckle, 0) + np.maximum(noise, 0)
    return beams


def _sector(rng: Random, *, angle: float, apex: float) -> Picture:
    """Scan conversion of air.

    Args:
        angle: half the opening, in radians.
        apex: radius of the probe's surface over the imaging depth.
    """
    height, width = SIZES[rng.integers(len(SIZES))]
    beams = _beams(rng, 512, 192)
    outer = 1 + apex
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    # The picture spans from the surface's middle to the deepest point, centred.
    y = apex * np.cos(angle) + rows / height * (outer - apex * np.cos(angle))
    x = (columns - width / 2) / (width / 2) * outer * np.sin(angle)
    radius, theta = np.hypot(x, y), np.arctan2(x, y)
    at_depth = ((radius - apex) * 511).astype(np.float32)
    at_line = ((theta / angle + 1) / 2 * 191).astype(np.float32)
    mapped = cv2.remap(beams.astype(np.float32), at_line, at_depth, cv2.INTER_LINEAR)
    pixels: Floats = np.asarray(mapped, dtype=np.float64)
    outside = (radius < apex) | (radius > outer) | (np.abs(theta) > angle)
    pixels[outside] = 0
    return _grey(pixels)


def _blurred(values: Floats, across: float, along: float | None = None) -> Floats:
    """Gaussian blur with these standard deviations in pixels; `along` is down the rows."""
    sigma = across if along is None else along
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigmaX=across, sigmaY=sigma), np.float64)


def _grey(values: Floats) -> Picture:
    pixels_u8: Picture = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return pixels_u8
