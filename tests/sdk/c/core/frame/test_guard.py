"""Each check of the guard, and all of them in their order, against Python's."""

from __future__ import annotations

import ctypes as c
import functools
import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from c_frame_path import NativePath
from effort import sample_size
from sonoedge.analysis import Reason
from sonoedge.frame_values import value_fault
from sonoedge.frames import Frame, FrameMeta
from sonoedge.guard import Guard, GuardSettings, detail, form
from sonoedge.guard.bars import bars
from sonoedge.guard.colour import coloured
from sonoedge.guard.contact import in_air
from sonoedge.guard.levels import levels
from sonoedge.native.fields import frame_of, guard_of, image_of
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.reason_numbers import REASONS
from studies.simulated import MUST_STOP

IMAGES = Path(__file__).resolve().parents[5] / "examples/data/breast_usg/images"
POST = PostprocessSpec(labels=("benign", "malignant"), positive=("malignant",))


def strange(rng: np.random.Generator) -> np.ndarray:
    """A picture of any size on which some check is near its limit."""
    height, width = (int(rng.choice((rng.integers(1, 40), rng.integers(40, 500)))) for _ in "hw")
    rows, columns = np.linspace(0, 1, height)[:, None], np.linspace(0, 1, width)[None]
    kind = rng.integers(6)
    if kind == 0:  # few levels
        low = int(rng.integers(0, 256))
        high = min(255, low + int(rng.integers(0, 5)))
        grey = rng.integers(low, high + 1, (height, width)) + 0.0
        if rng.random() < 0.5:  # as much spread as such a range can have
            grey = np.where(rng.random((height, width)) < 0.5, low, high) + 0.0
    elif kind == 1:  # about black, about saturated
        grey = np.where(rng.random((height, width)) < rng.uniform(0, 0.04), 255.0, 12.0)
        grey = 255 - grey if rng.random() < 0.5 else grey
    elif kind == 2:  # bars, with noise about the limit
        grey = 90 + 80 * np.sin(columns * rng.uniform(3, 60)) + 0 * rows
        grey = grey + rng.normal(0, rng.uniform(0, 9), (height, width))
    elif kind == 3:  # about in air
        bands = 200 * np.clip(1 - rows / 0.25, 0, 1) * (0.7 + 0.3 * np.cos(rows * 200))
        noise = rng.rayleigh(rng.uniform(2, 60), (height, width))
        blobs = cv2.resize(rng.normal(0, rng.uniform(0, 20), (5, 6)), (width, height))
        grey = bands + noise + blobs * (rng.random() < 0.7) + 30 * rows * rng.uniform(-1, 1)
    elif kind == 4:
        grey = 80 + 60 * cv2.resize(rng.normal(0, 1, (9, 9)), (width, height))
    else:
        grey = rng.uniform(0, 256, (height, width))
    picture = np.clip(grey, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        return picture
    tint = rng.integers(-4, 5, 3) if rng.random() < 0.7 else rng.integers(-90, 90, 3)
    where = rng.random((height, width, 1)) < rng.choice((0.0, 0.01, 0.012, 1.0))
    return np.clip(picture[..., None] + where * tint, 0, 255).astype(np.uint8)


def pictures(seed: int, count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    made = [strange(rng) for _ in range(count)]
    made += [draw(rng) for draw in MUST_STOP.values() for _ in range(3)]
    return made


def real() -> list[np.ndarray]:
    files = sorted(IMAGES.glob("*.png"))
    assert files
    read = [cv2.imread(str(file), flag) for file in files for flag in (0, 1)]
    return [np.asarray(picture, np.uint8) for picture in read if picture is not None]


def check_each(library: c.CDLL, picture: np.ndarray, settings: GuardSettings) -> set[str]:
    """Every check of one picture is Python's; which of them stop it."""
    image, fields = c.byref(image_of(picture)), guard_of(settings)
    contrast, structure = settings.bars_contrast or 1.0, settings.air_structure or 1.0
    library.so_guard_coloured.restype = c.c_double
    reason = levels(picture, settings)
    assert library.so_guard_levels(image, c.byref(fields)) == (REASONS[reason] if reason else 0)
    is_bars, is_air = bars(picture, contrast), in_air(picture, structure)
    assert bool(library.so_guard_bars(image, c.c_double(contrast))) == is_bars
    assert bool(library.so_guard_in_air(image, c.c_double(structure))) == is_air
    stops = {reason.value} if reason else set()
    stops |= {"bars"} if is_bars else set()
    stops |= {"air"} if is_air else set()
    if picture.ndim == 3:
        share = coloured(picture, settings.colour_level or 1)
        assert library.so_guard_coloured(image, settings.colour_level or 1) == share
        stops |= {"colour"} if share >= settings.colour_share else {"no colour"}
    return stops


@pytest.mark.parametrize("seed", range(sample_size(6)))
def test_each_check_is_pythons_over_pictures_about_its_limit(library: c.CDLL, seed: int) -> None:
    rng, stops = np.random.default_rng(100 + seed), set()
    for picture in pictures(seed, 250):
        settings = GuardSettings(
            constant_range=int(rng.integers(0, 5)),
            black_level=int(rng.integers(8, 24)),
            saturated_level=int(rng.integers(200, 256)),
            saturated_share=float(rng.uniform(0.01, 1)),
            bars_contrast=float(rng.uniform(5, 70)),
            colour_level=int(rng.integers(1, 90)),
            air_structure=float(rng.uniform(0.5, 4)),
        )
        stops |= check_each(library, picture, settings)
        stops |= check_each(library, picture, GuardSettings())
    assert stops == {"CONSTANT", "BLACK", "SATURATED", "bars", "air", "colour", "no colour"}


def flips_at(says: Callable[[float], bool]) -> tuple[float, float] | None:
    """The two neighbouring floats of 0.001 to 1000 between which an answer changes, if it does."""
    low, high = (int(np.float64(end).view(np.int64)) for end in (1e-3, 1e3))

    def at(bits: int) -> float:
        return float(np.int64(bits).view(np.float64))

    first = says(at(low))
    if says(at(high)) == first:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if says(at(middle)) == first else (low, middle)
    return at(low), at(high)


def test_air_and_bars_are_judged_alike_to_the_last_bit_of_their_limits(library: c.CDLL) -> None:
    rng, flips = np.random.default_rng(7), [0, 0]
    while min(flips) < sample_size(40):
        picture = strange(rng)
        image = c.byref(image_of(picture))
        for which, (python, native) in enumerate(
            ((in_air, library.so_guard_in_air), (bars, library.so_guard_bars))
        ):
            limits = flips_at(functools.partial(python, picture))
            if limits is not None:
                flips[which] += 1
                for limit in limits:
                    assert bool(native(image, c.c_double(limit))) == python(picture, limit)


def test_each_check_is_pythons_over_real_pictures_and_their_parts(library: c.CDLL) -> None:
    rng = np.random.default_rng(0)
    for picture in real():
        check_each(library, picture, GuardSettings())
        y, x = (int(rng.integers(0, side // 2)) for side in picture.shape[:2])
        part = picture[y : y + int(rng.integers(1, 200)), x : x + int(rng.integers(1, 200))]
        check_each(library, part, GuardSettings(air_structure=3.0))


def path_of(library: c.CDLL, settings: GuardSettings) -> NativePath:
    return NativePath(
        library,
        preprocess=PreprocessSpec(height=16, width=16),
        postprocess=POST,
        guard=settings,
        outputs={"lesion_map": (1, 1, 8, 8)},
    )


def pythons(guard: Guard, frame: Frame) -> tuple[Reason | None, str]:
    """As the analyser judges a frame whose region of interest is the whole."""
    fault = value_fault(frame)
    if fault is not None:
        return fault
    box = None
    reason = form(frame, guard.settings)
    if reason is None:
        box = (0, 0, frame.pixels.shape[1], frame.pixels.shape[0])
        reason = guard.content(frame, box)
    return reason, detail(reason, frame, guard.settings, box)


NUMBERS = (
    *(0.0, -1.0, 1e-9, 0.005, 0.0049, 0.1, 0.25, 1.0, 1.005, 3.3, 12345.678, 1e16, 1e22, 5e-324),
    *(1e300, math.inf, -math.inf, math.nan, 0.3, 1 / 3),
)


def test_what_a_frame_says_gives_pythons_reason_and_sentence(library: c.CDLL) -> None:
    rng, seen = np.random.default_rng(1), set()
    names = ("Linear", " linear\t", "CONVEX ", "", "straße", "x" * 200, None, b"\xff\xfe")
    for n in range(3000):
        settings = GuardSettings(
            frozen_after_ms=None,
            spacing_required=bool(rng.random() < 0.2),
            probes=("linear", "Convex") if rng.random() < 0.3 else None,
            presets=("straße",) if rng.random() < 0.2 else None,
            depth_mm=(2.0, 400.0) if rng.random() < 0.7 else None,
            pixel_aspect=(0.1, 10.0) if rng.random() < 0.7 else None,
            aspect=(0.25, 4.0) if rng.random() < 0.7 else None,
            max_side_px=64 if rng.random() < 0.1 else 8192,
        )
        shape = (int(rng.integers(1, 90)), int(rng.integers(1, 90)))
        number = rng.choice(NUMBERS, 5).tolist()
        any_of = rng.random(8) < 0.3
        meta = FrameMeta(
            probe=names[rng.integers(len(names))],  # type: ignore[arg-type]
            preset=names[rng.integers(len(names))],  # type: ignore[arg-type]
            depth_mm=number[0] if any_of[0] else None,
            gain_db=number[1] if any_of[1] else None,
            frozen=bool(any_of[2] and any_of[3]),
            invalid="a recorder's mark" if any_of[3] and any_of[4] else None,
        )
        frame = Frame(
            pixels=rng.integers(0, 200, shape if any_of[5] else (*shape, 3), dtype=np.uint8),
            captured_ns=n,
            spacing_mm=(number[2], number[3]) if any_of[6] else None,
            pixel_aspect=number[4] if any_of[7] else None,
            meta=meta,
        )
        path = path_of(library, settings)
        wanted = pythons(Guard(settings), frame)
        given = path.analyse(frame, {}) if wanted[0] else None
        if given is not None:
            assert (given.reason, given.detail) == wanted
        else:
            assert path.prepare(frame_of(frame))[:2] == wanted
        seen.add(wanted[0])
        path.close()
    assert {Reason.METADATA_INVALID, Reason.SPACING_INVALID, Reason.WRONG_ASPECT, None} < seen


def test_a_freeze_is_told_by_the_capture_times_alone(library: c.CDLL) -> None:
    rng = np.random.default_rng(2)
    edges = (-(1 << 63), (1 << 63) - 1, 0)
    base = rng.integers(0, 200, (3, 40, 50, 3), dtype=np.uint8)
    for after_ms in (0.000001, 1.0, 33.3333333, 500.0, 1e13, 1e40):
        settings = GuardSettings(frozen_after_ms=after_ms, aspect=None)
        path, guard = path_of(library, settings), Guard(settings)
        now, seen = 0, set()
        for _ in range(600):
            now += int(rng.choice((0, 1, 999_999, 33_333_333, -5_000_000, 400_000_000)))
            at = edges[rng.integers(3)] if rng.random() < 0.02 else now
            pixels = base[rng.integers(3) if rng.random() < 0.1 else 0]
            pixels = pixels[:, :, 0].copy() if rng.random() < 0.02 else pixels
            frame = Frame(pixels=pixels, captured_ns=at)
            wanted = pythons(guard, frame)
            assert path.prepare(frame_of(frame))[:2] == wanted
            seen.add(wanted[0])
        assert Reason.FRAME_FROZEN in seen or after_ms > 1e12
        path.close()
