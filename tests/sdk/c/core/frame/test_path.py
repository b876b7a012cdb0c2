"""Whole streams, frame by frame: the analyser and the native path give the same."""

from __future__ import annotations

import ctypes as c
from typing import Any

import numpy as np
import pytest

from c_frame_path import NativeAnswer, NativePath
from effort import sample_size
from native_streams import LABELS, MAP_HW, SHAPES, Scripted, Stream
from scripted_engines import origin_of
from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed, Analysis, Reason
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.processing.evidence import EvidenceSettings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings


def tracking(rng: np.random.Generator) -> TrackingSettings:
    window = int(rng.choice((1, 3, 8, 40)))
    raising = int(rng.integers(1, window + 1))
    return TrackingSettings(
        match_iou=float(rng.uniform(0.05, 0.8)),
        raise_threshold=float(rng.uniform(0.4, 0.9)) if rng.random() < 0.5 else None,
        keep_threshold=float(rng.uniform(0.1, 0.4)) if rng.random() < 0.5 else None,
        raise_frames=raising,
        window_frames=window,
        keep_frames=int(rng.integers(1, raising + 1)),
        hold_off_frames=int(rng.integers(0, 6)),
        lost_after_frames=int(rng.choice((1, 2, 8, 1 << 40))),
        gap_ms=float(rng.choice((33.333333, 1000.0, 1e300))),
        evidence=evidence(rng) if rng.random() < 0.5 else None,
    )


def evidence(rng: np.random.Generator) -> EvidenceSettings:
    most = float(rng.choice((0.3, 4.0, 1000.0)))
    raising = float(rng.uniform(0.05, 1)) * min(most, 4.0)
    return EvidenceSettings(
        raise_log_odds=raising,
        keep_log_odds=float(rng.uniform(0.01, 1)) * raising,
        most_log_odds=most,
        unseen_log_odds=float(rng.choice((0.0, 0.3, 5.0))),
        half_life_ms=float(rng.choice((1.0, 40.0, 333.3, 600_000.0))),
    )


def compared(given: NativeAnswer, wanted: Analysis, asked: np.ndarray | None) -> None:
    assert (asked is None) == (given.input is None)
    if asked is not None and given.input is not None:
        assert np.array_equal(asked, given.input)
    if not isinstance(wanted, Analysed):
        assert (given.reason, given.detail) == (wanted.reasons[0], wanted.detail)
        return
    assert given.reason is None
    assert given.temporal_flag == wanted.temporal_flag
    assert given.class_probs == list(wanted.class_probs.values())
    assert given.is_graded == (wanted.grade is not None)
    if wanted.grade is not None:
        (region,) = given.regions
        assert region["suspicion"] == wanted.grade.suspicion
        assert region["flagged"] == wanted.grade.flagged
        return
    assert given.regions == [
        {
            **{name: getattr(region, name) for name in given.regions[0]},
            "contour_px": region.contour_px.tolist(),
            "class_probs": list(region.class_probs.values()),
        }
        for region in wanted.regions
    ]


@pytest.mark.parametrize("tracks", [True, False], ids=["tracked", "not tracked"])
@pytest.mark.parametrize(
    "names",
    [
        ("lesion_map",),
        ("lesion_map", "malignancy_map"),
        ("lesion_map", "class_probs"),
        ("class_probs",),
    ],
    ids="+".join,
)
def test_a_stream_is_analysed_alike(library: c.CDLL, names: tuple[str, ...], tracks: bool) -> None:
    seen: set[Any] = set()
    for seed in range(4):
        stream = Stream(seed)
        shared: dict[str, Any] = {
            "preprocess": PreprocessSpec(height=96, width=128),
            "postprocess": PostprocessSpec(
                labels=LABELS,
                positive=("malignant",),
                out_of_scope="other",
                scope_threshold=0.6,
                min_area_input_px=20.0,
            ),
            "guard": GuardSettings(aspect=None),
            "tracking": tracking(stream.rng) if tracks else None,
        }
        engine = Scripted(names, (96, 128))
        analyser = Analyser(engine, origin=origin_of("b"), **shared)
        path = NativePath(library, outputs={name: SHAPES[name] for name in names}, **shared)
        for _ in range(250):
            frame, engine.maps, engine.asked = stream.frame(), stream.maps(names), None
            wanted = analyser.analyse(frame)
            given = path.analyse(frame, engine.maps)
            compared(given, wanted, engine.asked)
            seen |= {given.reason, given.temporal_flag}
        path.close()
    assert {Reason.CONSTANT, Reason.FRAME_FROZEN, Reason.EMPTY, None} <= seen
    assert not tracks or {True, False} <= seen


@pytest.mark.parametrize("seed", range(sample_size(6)))
def test_tracks_of_many_regions_are_pythons(library: c.CDLL, seed: int) -> None:
    """Hundreds of regions at once, that come and go."""
    rng = np.random.default_rng(seed)
    shared: dict[str, Any] = {
        "preprocess": PreprocessSpec(height=96, width=128),
        "postprocess": PostprocessSpec(
            labels=LABELS,
            positive=("malignant",),
            lesion_threshold=0.62,
            min_area_input_px=0.0,
            max_regions=256,
        ),
        "guard": GuardSettings(aspect=None, frozen_after_ms=None),
        "tracking": tracking(rng),
    }
    engine = Scripted(("lesion_map",), (96, 128))
    analyser = Analyser(engine, origin=origin_of("b"), **shared)
    path = NativePath(library, outputs={"lesion_map": SHAPES["lesion_map"]}, **shared)
    base, most = rng.random(MAP_HW), 0
    for n in range(40):
        base = 0.9 * base + 0.1 * rng.random(MAP_HW)
        engine.maps = {"lesion_map": (base * 255).astype(np.uint8)[None, None]}
        frame = Frame(pixels=rng.integers(20, 200, (96, 128), dtype=np.uint8), captured_ns=n)
        wanted = analyser.analyse(frame)
        compared(path.analyse(frame, engine.maps), wanted, engine.asked)
        assert isinstance(wanted, Analysed)
        most = max(most, len(wanted.regions))
    assert most > 100
    path.close()
