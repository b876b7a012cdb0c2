from __future__ import annotations

import numpy as np

from native_streams import LABELS
from sonoedge.analysis import Reason
from sonoedge.frame_path import PathSettings, PythonPath
from sonoedge.frames import Frame, FrameMeta
from sonoedge.guard import GuardSettings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings

SETTINGS = PathSettings(
    preprocess=PreprocessSpec(height=96, width=128),
    postprocess=PostprocessSpec(labels=LABELS, positive=("malignant",)),
    guard=GuardSettings(),
    tracking=TrackingSettings(),
)
GRADES = {"class_probs": np.float32([[0.05, 0.05, 0.9]])}


def track_id(path: PythonPath, number: int, *, frozen: bool = False) -> int | None:
    """Of the region over the whole of a frame; None where it was frozen."""
    pixels = np.random.default_rng(number).integers(20, 200, (100, 140), dtype=np.uint8)
    frame = Frame(pixels=pixels, captured_ns=number, meta=FrameMeta(frozen=frozen))
    geometry = Preprocess(SETTINGS.preprocess).geometry(100, 140)
    reason = path.judge(frame, geometry)
    assert reason is (Reason.FRAME_FROZEN if frozen else None)
    if frozen:
        return None
    path.find(frame, geometry, GRADES)
    (region,), _ = path.track(frame, geometry)
    return region.track_id


def test_a_frozen_picture_ends_the_tracks() -> None:
    path = PythonPath(SETTINGS, Preprocess(SETTINGS.preprocess))
    assert [track_id(path, n) for n in (0, 1)] == [0, 0]
    assert track_id(path, 2, frozen=True) is None
    assert track_id(path, 3) == 1
