"""Evidence in C and in Python: the same to the last bit."""

from __future__ import annotations

import ctypes as c
import random
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from c_frame_path import NativePath
from native_streams import LABELS, SHAPES, Scripted
from scripted_engines import origin_of
from sonoedge import Analysed, Analyser, EvidenceSettings, Frame, GuardSettings, TrackingSettings
from sonoedge.processing.evidence import kept_share, log_odds
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec


def of_double(library: c.CDLL, name: str) -> Callable[[float], float]:
    function = getattr(library, name)
    function.argtypes, function.restype = [c.c_double], c.c_double
    return lambda value: float(function(value))


def test_log_odds_are_pythons(library: c.CDLL) -> None:
    rng, ours = random.Random(0), of_double(library, "so_log_odds")
    values = [0.0, 1.0, 0.5, 0.002, 0.998, 5e-324, *(k / 255 for k in range(256))]
    for value in [*values, *(rng.random() for _ in range(20_000))]:
        assert ours(value) == log_odds(value)


def test_what_is_kept_is_pythons(library: c.CDLL) -> None:
    rng, ours = random.Random(0), of_double(library, "so_kept_share")
    for value in [0.0, 1.0, 63.0, 64.0, 1e300, *(rng.uniform(0, 70) for _ in range(20_000))]:
        assert ours(value) == kept_share(value)


@pytest.mark.req("R78")
def test_a_lesion_that_hovers_about_the_threshold_is_flagged_alike(library: c.CDLL) -> None:
    """Long tracks at an uneven pace, with frames that aren't analysed in between."""
    shared = {
        "preprocess": PreprocessSpec(height=96, width=128),
        "postprocess": PostprocessSpec(
            labels=LABELS, positive=("malignant",), min_area_input_px=20.0
        ),
        "guard": GuardSettings(aspect=None, frozen_after_ms=None),
        "tracking": TrackingSettings(
            hold_off_frames=2,
            evidence=EvidenceSettings(raise_log_odds=1.0, keep_log_odds=0.4, most_log_odds=2.0),
        ),
    }
    names = ("lesion_map", "malignancy_map")
    engine, rng = Scripted(names, (96, 128)), np.random.default_rng(3)
    analyser = Analyser(engine, origin=origin_of("b"), **shared)
    path = NativePath(library, outputs={name: SHAPES[name] for name in names}, **shared)
    at_ns, level, ups = 0, 128.0, []
    for n in range(600):
        at_ns += int(rng.choice((0, 16_683_333, 33_366_667, 90_000_001)))
        level = min(max(level + rng.normal(0, 12), 60.0), 200.0)
        engine.maps = {name: np.zeros(SHAPES[name], dtype=np.uint8) for name in names}
        if n % 17:
            place = (..., slice(4, 20), slice(4 + n % 5, 24))
            engine.maps["lesion_map"][place] = 230
            engine.maps["malignancy_map"][place] = round(level)
        pixels = rng.integers(20, 200, (96, 128), dtype=np.uint8)
        if n % 23 == 0:
            pixels[:] = 90  # constant: not analysed
        frame = Frame(pixels=pixels, captured_ns=at_ns)
        wanted, given = analyser.analyse(frame), path.analyse(frame, engine.maps)
        if isinstance(wanted, Analysed):
            assert given.temporal_flag == wanted.temporal_flag
            assert [r["track_flagged"] for r in given.regions] == [
                r.track_flagged for r in wanted.regions
            ]
            ups.append(wanted.temporal_flag)
        else:
            assert given.reason is wanted.reasons[0]
    path.close()
    assert sum(a != b for a, b in pairwise(ups)) >= 4
