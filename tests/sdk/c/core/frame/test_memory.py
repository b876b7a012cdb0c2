"""Nothing is allocated per frame, and a frame without memory is one that was not analysed."""

from __future__ import annotations

import ctypes as c
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from c_frame_path import NativePath
from native_frame import built
from native_streams import LABELS, SHAPES, Stream
from sonoedge.analysis import Reason
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.native.fields import frame_of
from sonoedge.native.structs import Findings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings

NAMES = ("lesion_map", "malignancy_map", "class_probs")


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> c.CDLL:
    """The frame path with its allocations in the tests' hands."""
    wrapped = ("-Wl,--wrap=malloc,--wrap=calloc", Path(__file__).parent / "memory.c")
    to = tmp_path_factory.mktemp("memory") / "frame.so"
    return c.CDLL(str(built("gcc", to, "-shared", "-fPIC", *wrapped)))


def path_of(library: c.CDLL) -> NativePath:
    return NativePath(
        library,
        preprocess=PreprocessSpec(height=96, width=128),
        postprocess=PostprocessSpec(labels=LABELS, positive=("malignant",)),
        guard=GuardSettings(colour_level=None),
        outputs={name: SHAPES[name] for name in NAMES},
        tracking=TrackingSettings(lost_after_frames=2),
    )


def pictures(count: int, shape: tuple[int, ...]) -> list[Frame]:
    rng = np.random.default_rng(0)
    return [
        Frame(pixels=rng.integers(20, 200, shape, dtype=np.uint8), captured_ns=n)
        for n in range(count)
    ]


def test_after_the_first_frames_nothing_is_allocated(counted: c.CDLL) -> None:
    path, maps = path_of(counted), Stream(0)
    answers = [maps.maps(NAMES) for _ in range(40)]
    for shape in ((120, 160), (240, 320, 3), (200, 100, 4)):
        frames = pictures(40, shape)
        for frame, answer in zip(frames, answers, strict=True):
            path.analyse(frame, answer)
        counted.so_test_fail_at(-1)
        for frame, answer in zip(frames, answers, strict=True):
            assert path.analyse(frame, answer).reason is None
        assert counted.so_test_allocations() == 0
    path.close()


def outcome(path: NativePath, frame: Frame, answer: Any) -> Reason | str | None:
    """The reason why a frame was not analysed; "no tracks" where those alone have no memory."""
    reason, _, _ = path.prepare(frame_of(frame))
    findings = Findings()
    reason = reason or path.find(answer, findings)[0]
    return reason or ("no tracks" if path.track(findings) else None)


def test_each_allocation_that_fails_costs_its_frame_alone(counted: c.CDLL) -> None:
    (first, second), answer = pictures(2, (120, 160, 3)), Stream(0).maps(NAMES)
    number, seen = 0, set()
    while True:
        path = path_of(counted)
        counted.so_test_fail_at(number)
        seen.add(was := outcome(path, first, answer))
        counted.so_test_fail_at(-1)
        assert outcome(path, second, answer) is None
        path.close()
        if was is None:
            break
        number += 1
    assert seen == {Reason.INTERNAL_ERROR, "no tracks", None}
    assert number > 10
