"""Frames as another scanner, or with another patient's lesion, would show them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Random = np.random.Generator
Box = tuple[int, int, int, int]

SMALLEST = 48  # pixels of height and width of what is shown, below which a frame is left alone


def shown(pixels: Picture) -> Box | None:
    """Top, bottom, left and right of what is not padding; None where that is next to nothing."""
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    if min(len(rows), len(columns)) < SMALLEST:
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def exchanged(pixels: Picture, other: Picture, rng: Random) -> Picture:
    """One frame's structure with the brightness and the slow shading of another's.

    The lowest spatial frequencies' amplitudes become a mix of both frames', the phases stay
    (Yang and Soatto 2020, arXiv:2004.05498). Padding stays what it is.
    """
    own, wanted = shown(pixels), shown(other)
    if own is None or wanted is None:
        return pixels
    top, bottom, left, right = own
    part = pixels[top:bottom, left:right]
    h, w = part.shape
    style = other[wanted[0] : wanted[1], wanted[2] : wanted[3]]
    style = cv2.resize(style, (w, h), interpolation=cv2.INTER_LINEAR)
    a, b = (np.fft.fft2(x.astype(np.float32)) for x in (part, style))
    reach = rng.uniform(1.0, 6.0)  # periods per frame
    y, x = np.fft.fftfreq(h, 1 / h)[:, None], np.fft.fftfreq(w, 1 / w)[None]
    share = rng.uniform(0.3, 1.0) * (np.hypot(x, y) <= reach)
    amplitude = np.abs(a) * (1 - share) + np.abs(b) * share
    mixed = np.fft.ifft2(amplitude * np.exp(1j * np.angle(a))).real
    out = pixels.copy()
    out[top:bottom, left:right] = np.clip(mixed, 0, 255)
    out[pixels == 0] = 0
    return out


def pasted(
    pixels: Picture, lesion: Picture, mask: Picture, rng: Random
) -> tuple[Picture, Picture] | None:
    """A lesion of another frame in a frame of normal tissue (Yang et al. 2021, TumorCP).

    It is flipped and scaled, given the brightness and contrast of where it comes to lie, and
    fades into it over its own margin. None where the lesion does not fit.

    Args:
        lesion, mask: the frame that it is cut from, and where in it.

    Returns:
        The frame and its mask.
    """
    frame = shown(pixels)
    if frame is None or not mask.any():
        return None
    x, y, w, h = cv2.boundingRect(mask)
    margin = max(6, round(0.25 * max(w, h)))
    rows = slice(max(0, y - margin), y + h + margin)
    columns = slice(max(0, x - margin), x + w + margin)
    cut, inside = lesion[rows, columns], mask[rows, columns]
    if rng.random() < 0.5:
        cut, inside = cut[:, ::-1], inside[:, ::-1]
    scale = float(np.exp(rng.uniform(np.log(0.6), np.log(1.3))))
    size = max(8, round(cut.shape[1] * scale)), max(8, round(cut.shape[0] * scale))
    cut = cv2.resize(np.ascontiguousarray(cut), size, interpolation=cv2.INTER_AREA)
    inside = cv2.resize(np.ascontiguousarray(inside), size, interpolation=cv2.INTER_AREA)
    top, bottom, left, right = frame
    if cut.shape[0] > bottom - top or cut.shape[1] > right - left:
        return None
    y0 = int(rng.integers(top, bottom - cut.shape[0] + 1))
    x0 = int(rng.integers(left, right - cut.shape[1] + 1))
    place = slice(y0, y0 + cut.shape[0]), slice(x0, x0 + cut.shape[1])
    here = pixels[place].astype(np.float32)
    around = (inside == 0) & (cut > 0)
    if around.sum() < 32 or here.mean() < 15:
        return None
    beside = cut[around].astype(np.float32)
    gain = np.clip((here.std() + 4) / (beside.std() + 4), 0.6, 1.6)
    level = cut.astype(np.float32) * gain + (here.mean() - beside.mean() * gain)
    reach = max(1.5, margin * scale / 4)
    alpha = cv2.dilate(inside, np.ones((3, 3), np.uint8)).astype(np.float32) / 255
    alpha = np.clip(cv2.GaussianBlur(alpha, (0, 0), reach) * 1.8, 0, 1)
    alpha[(cut == 0) | (here == 0)] = 0  # padding is neither cut nor covered
    out, truth = pixels.copy(), np.zeros_like(pixels)
    out[place] = np.clip(alpha * level + (1 - alpha) * here, 0, 255)
    truth[place] = inside
    return out, truth
