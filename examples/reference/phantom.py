"""Synthetic frames: a speckle phantom with layers, and a lesion in it.

Tissue is a field of scatterers that are too many to resolve. Summed within the beam they give
complex Gaussian numbers, whose envelope is Rayleigh distributed (Wagner et al. 1983, IEEE Trans.
Sonics Ultrason. 30:156): here a complex field of noise, as strong as the tissue scatters, blurred
by the pulse (axial) and by the beam (lateral, wider away from its focus), then detected and
compressed to a range of decibels. Nothing of it is tissue's own: no anatomy, no artefact but
attenuation, shadow and enhancement.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]
Random = np.random.Generator

BANDS = 4  # of depth, each with a beam width of its own


def phantom(size: int, rng: Random) -> tuple[Picture, Picture]:
    """A synthetic frame and its lesion's mask, uint8 [size, size] each, the mask 0 or 255."""
    level = layers(size, rng)
    mask = lesion(size, rng)
    inside = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), rng.uniform(0.5, 2.5))
    level = level - inside * np.float32(rng.uniform(6, 22))
    level += below(mask, rng) - attenuation(size, rng)
    return compressed(envelope(level, rng), rng), mask


def layers(size: int, rng: Random) -> Field:
    """How strongly tissue scatters, in decibels: skin, and wavy layers under it."""
    x = np.arange(size, dtype=np.float32)
    level = np.zeros((size, size), np.float32)
    depth = np.arange(size, dtype=np.float32)[:, None]
    border = 0.0
    for count in range(int(rng.integers(3, 6))):
        strength = 10.0 if count == 0 else rng.normal(0, 5)
        level = np.where(depth >= border + _wave(x, size, rng), np.float32(strength), level)
        border += size * (0.05 if count == 0 else rng.uniform(0.12, 0.35))
    coarse = rng.normal(0, 2.5, (12, 12)).astype(np.float32)
    return level + cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


def _wave(x: Field, size: int, rng: Random) -> Field:
    periods, phase = rng.uniform(0.5, 2.0), rng.uniform(0, 2 * np.pi)
    wave: Field = np.float32(0.03 * size) * np.sin(2 * np.pi * periods * x / size + phase)
    return wave


def lesion(size: int, rng: Random) -> Picture:
    """An ellipse whose outline is smooth, lobed or spiky."""
    across, down = rng.uniform(0.05, 0.2) * size, rng.uniform(0.04, 0.14) * size
    centre = rng.uniform(0.25, 0.75, 2) * size
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    radius = np.ones_like(angle)
    for lobes in range(2, 12):
        strength = rng.uniform(0, 0.25) / lobes**0.7
        radius += strength * np.cos(lobes * angle + rng.uniform(0, 2 * np.pi))
    turn = rng.uniform(-0.5, 0.5)
    x, y = across * radius * np.cos(angle), down * radius * np.sin(angle)
    points = np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], 1)
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [np.rint(points + centre).astype(np.int32)], 255)
    return mask


def below(mask: Picture, rng: Random) -> Field:
    """Shadow or enhancement under a lesion, in decibels: by the way that sound takes through it."""
    through = np.cumsum(mask > 0, axis=0).astype(np.float32)
    through /= max(1.0, float(through.max()))
    through[mask > 0] = 0
    change = cv2.GaussianBlur(through, (0, 0), 2.0) * np.float32(rng.uniform(-14, 6))
    return np.asarray(change, np.float32)


def attenuation(size: int, rng: Random) -> Field:
    """What the gain over depth leaves uncorrected, in decibels, [size, 1]."""
    depth = np.linspace(0, 1, size, dtype=np.float32)[:, None]
    loss: Field = depth**2 * np.float32(rng.uniform(0, 18))
    return loss


def envelope(level: Field, rng: Random) -> Field:
    """Detected echoes of tissue that scatters by so many decibels."""
    size = level.shape[0]
    amplitude = 10 ** (level / 20)
    real, imaginary = (
        rng.normal(size=level.shape).astype(np.float32) * amplitude for _ in range(2)
    )
    axial = rng.uniform(0.6, 1.3)
    focus, narrow = rng.uniform(0.2, 0.8), rng.uniform(0.8, 1.8)
    bands = []
    for band in range(BANDS):
        lateral = narrow * (1 + 2.5 * abs((band + 0.5) / BANDS - focus))
        blurred = [
            cv2.GaussianBlur(part, (0, 0), lateral, None, axial) for part in (real, imaginary)
        ]
        rows = slice(band * size // BANDS, (band + 1) * size // BANDS)
        echo = np.hypot(*blurred) * np.float32(np.sqrt(lateral * axial))  # blur takes energy
        bands.append(echo[rows])
    return np.concatenate(bands).astype(np.float32)


def compressed(echo: Field, rng: Random) -> Picture:
    """Log compression to a range of decibels below the strongest echoes."""
    span = rng.uniform(40, 60)
    decibels = 20 * np.log10(echo / np.percentile(echo, 99.5) + 1e-6)
    return np.asarray(np.clip(255 * (1 + decibels / span), 0, 255), np.uint8)
