"""The frames of the conformance vectors, in their order: one stream, one memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from conformance.pictures import Disc, Picture, coloured, speckle, with_discs, with_fourth

IMAGES = Path(__file__).resolve().parents[2] / "examples/data/breast_usg/images"
APART_NS = 5_000_000_000  # longer than the tracker remembers
PACE_NS = 33_333_333
SIZES = ((120, 160), (480, 640), (337, 451), (768, 1024))
DARK, GREY = 10, 55

ONE: tuple[Disc, ...] = ((500, 500, 170, DARK),)
RING: tuple[Disc, ...] = ((650, 500, 300, DARK), (650, 500, 180, -1))
NESTED: tuple[Disc, ...] = (*RING, (650, 500, 90, GREY))
TWINS: tuple[Disc, ...] = ((350, 500, 130, GREY), (950, 500, 130, GREY))
CHAIN: tuple[Disc, ...] = tuple((200 + 130 * n, 250 + 110 * n, 75, DARK) for n in range(5))
BITE: tuple[Disc, ...] = ((600, 500, 320, DARK), (820, 500, 200, -1))
EDGES: tuple[Disc, ...] = ((0, 0, 300, DARK), (1333, 1000, 280, DARK), (660, 0, 90, GREY))
SPECKS: tuple[Disc, ...] = tuple(
    (100 + 160 * (n % 8), 120 + 190 * (n // 8), 30 + 3 * n, DARK) for n in range(32)
)
SHAPES = (ONE, RING, TWINS, CHAIN, BITE, EDGES, SPECKS, NESTED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """A frame before it is one.

    Attributes:
        pixels: uint8, (H, W), (H, W, 3) BGR or (H, W, 4) BGRA.
        values: further fields of `Frame`, and those of `FrameMeta`; a name may be bytes.
    """

    name: str
    pixels: Picture
    captured_ns: int
    values: dict[str, Any] = field(default_factory=dict)


def scenes() -> Iterator[Scene]:
    """Every frame."""
    at_ns = 1_000_000_000
    for name, pixels, values in (*_shapes(), *_scales(), *_real(), *_stopped()):
        at_ns += APART_NS
        yield Scene(name=name, pixels=pixels, captured_ns=at_ns, values=values)
    yield from stream(at_ns + APART_NS)


_Single = tuple[str, Picture, dict[str, Any]]


def _shapes() -> Iterator[_Single]:
    """Each shape of regions in each size, grey, BGR and BGRA by turns."""
    for number, discs in enumerate(SHAPES):
        for place, (height, width) in enumerate(SIZES):
            seed = 10 * number + place
            grey = with_discs(speckle(seed, height, width), *discs)
            kind = ("grey", "bgr", "bgra")[(number + place) % 3]
            yield f"shape {number} {kind} {width} x {height}", _as(grey, kind, seed), {}


def _scales() -> Iterator[_Single]:
    """Pixels of every shape, regions of interest, pictures smaller than the network's input."""
    picture = with_discs(speckle(200, 120, 160), *ONE, (900, 300, 120, GREY))
    large = with_discs(speckle(201, 480, 640), *NESTED)
    values: tuple[tuple[str, dict[str, Any]], ...] = (
        ("square pixels", {"spacing_mm": (0.2, 0.2)}),
        ("flat pixels", {"spacing_mm": (0.1, 0.23)}),
        ("tall pixels", {"spacing_mm": (0.31, 0.17)}),
        ("square within 1 %", {"spacing_mm": (0.2, 0.2015)}),
        ("aspect alone", {"pixel_aspect": 1.4545}),
        ("spacing before aspect", {"spacing_mm": (0.2, 0.2), "pixel_aspect": 3.0}),
        ("region of interest", {"roi_px": (17, 9, 143, 101), "spacing_mm": (0.15, 0.15)}),
        ("region beyond the edges", {"roi_px": (-20, -5, 150, 4000), "pixel_aspect": 0.8}),
        ("named", {"probe": " L12-5 ", "preset": "Breast", "depth_mm": 40.0, "gain_db": -3.5}),
    )
    for name, each in values:
        yield name, picture, each
        yield f"{name}, large", large, each
    for height, width in ((64, 96), (32, 48), (61, 17), (9, 13), (150, 40), (96, 384), (65, 97)):
        drawn = with_discs(speckle(height, height, width), *ONE)
        yield f"size {width} x {height}", drawn, {}
    yield "whole factors", with_discs(speckle(3, 192, 288), *ONE), {}
    yield "whole factors of other kinds", with_discs(speckle(4, 128, 384), *ONE), {}


def _real() -> Iterator[_Single]:
    for number, name in enumerate(("case003", "case013", "case015", "case045", "case056")):
        grey = cv2.imread(str(IMAGES / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
        assert grey is not None
        picture = np.asarray(grey, dtype=np.uint8)
        kind = ("grey", "bgr", "bgra")[number % 3]
        yield name, _as(picture, kind, number), {"spacing_mm": (0.081, 0.081)}


def _stopped() -> Iterator[_Single]:
    """Frames that are not analysed, and some that just are."""
    picture = with_discs(speckle(300, 240, 320), *ONE)
    flat = np.full((240, 320), 97, dtype=np.uint8)
    almost = flat + (speckle(301, 240, 320, 0, 3) > 1)
    logo = np.full((240, 320), 4, dtype=np.uint8)
    logo[8:20, 8:40] = 230
    bright = np.where(speckle(302, 240, 320, 0, 100) < 60, 255, picture).astype(np.uint8)
    bars = np.repeat(np.arange(8, dtype=np.uint8) * 32, 40)[None].repeat(240, axis=0)
    overlay = coloured(picture, 0, 0, 0)
    overlay[60:120, 80:200] = (20, 40, 230)
    depth = np.arange(240, dtype=np.int64)[:, None]
    air = (speckle(303, 240, 320, 150, 220) * np.maximum(0, 30 - depth) // 30).astype(np.uint8)
    yield "constant", flat, {}
    yield "two levels", almost, {}
    yield "constant in colour", coloured(flat, 1, 0, -1), {}
    yield "black but for a logo", logo, {}
    yield "saturated", bright, {}
    yield "bars", bars, {}
    yield "bars in colour", coloured(bars, 5, 0, 0), {}
    yield "colour overlay", overlay, {}
    yield "tinted", coloured(picture, 20, 0, -20), {}
    yield "in air", air, {}
    yield "too wide", speckle(304, 60, 300), {}
    yield "too wide by its pixels", picture, {"pixel_aspect": 4.0}
    yield "too deep", picture, {"spacing_mm": (2.0, 2.0)}
    yield "no depth", picture, {"spacing_mm": (0.0, 0.2)}
    yield "not a number", picture, {"spacing_mm": (float("nan"), 0.2)}
    yield "aspect of 11", picture, {"pixel_aspect": 11.0}
    yield "negative aspect", picture, {"pixel_aspect": -1.25}
    yield "empty region", picture, {"roi_px": (50, 50, 50, 90)}
    yield "region outside", picture, {"roi_px": (400, 0, 500, 90)}
    yield "frozen by the operator", picture, {"frozen": True}
    yield "invalid", with_discs(picture, (200, 200, 50, 70)), {"invalid": "the source says so"}
    yield "depth is infinite", picture, {"depth_mm": float("inf")}
    yield "gain is infinite", picture, {"gain_db": float("-inf")}
    yield "probe is no text", picture, {"probe": b"L12\xff"}


def stream(at_ns: int) -> Iterator[Scene]:
    """A region that moves, goes and comes back; a pause; another probe; a still picture."""
    for n in range(70):
        at_ns += PACE_NS
        values: dict[str, Any] = {"spacing_mm": (0.2, 0.2), "probe": "A" if n < 52 else "B"}
        discs: list[Disc] = []
        if n not in (14, 15, 16) and not 22 <= n < 34:
            discs.append((400 + 6 * n, 500, 160, DARK))
        if 8 <= n < 30:
            discs.append((1100 - 3 * n, 250, 110, GREY))
        if n == 45:
            at_ns += 1_200_000_000
        if n == 48:
            at_ns -= 3 * PACE_NS  # a clock that goes back
        picture = with_discs(speckle(400 + n, 120, 160), *discs)
        yield Scene(name=f"stream {n}", pixels=picture, captured_ns=at_ns, values=values)
    for n in range(20):
        at_ns += PACE_NS
        yield Scene(name=f"still {n}", pixels=picture, captured_ns=at_ns, values=values)
    for n in range(3):
        at_ns += PACE_NS
        picture = with_discs(speckle(500 + n, 120, 160), *ONE)
        yield Scene(name=f"live again {n}", pixels=picture, captured_ns=at_ns, values=values)


def _as(grey: Picture, kind: str, seed: int) -> Picture:
    if kind == "grey":
        return grey
    colour = coloured(grey, 3, 0, -4)
    return colour if kind == "bgr" else with_fourth(colour, seed)
