"""The memory that is led along is the one that the analyser has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sonoedge
from sample_recordings.moments import analysed, moment, refused, region
from sample_recordings.session import ENGINE, TINY, frames
from sonoedge import GuardSettings, Reason, TrackingSettings
from sonoedge.analyser import Analyser
from sonoedge.bundle import read_bundle
from sonoedge.frame_path import PythonPath
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.recording.mirror import Mirror
from sonoedge.recording.moment import Moment
from sonoedge.stream_memory import StreamMemory


def mirror(tracking: TrackingSettings | None = None) -> Mirror:
    return Mirror(
        preprocess=PreprocessSpec(height=64, width=64),
        guard=GuardSettings(),
        tracking=tracking,
        threshold=0.5,
    )


def python_memory(analyser: Analyser) -> StreamMemory:
    path = analyser._path("main")
    assert isinstance(path, PythonPath)
    return path.memory


def test_it_remembers_what_the_analyser_remembers(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    manifest = read_bundle(TINY).manifest
    along = Mirror(
        preprocess=manifest.preprocess,
        guard=manifest.guard,
        tracking=manifest.tracking,
        threshold=manifest.postprocess.flag_threshold,
    )
    engine = replace(ENGINE, frame_path="python")  # whose memory can be looked at
    with sonoedge.open(TINY, engine) as analyser:
        for number, frame in enumerate(frames(100)):
            answer = analyser.analyse(frame, stream="main")
            along.follow(
                Moment(
                    frame_id=number,
                    stream="main",
                    captured_ns=frame.captured_ns,
                    at_ns=number,
                    engine=1,
                    frame=frame,
                    answer=answer,
                    result=answer,
                )
            )
            theirs, ours = python_memory(analyser).state(), along.states()["main"]
            assert ours.tracker == theirs.tracker
            assert ours.frozen is not None
            assert theirs.frozen is not None
            assert ours.frozen.since_ns == theirs.frozen.since_ns
            assert np.array_equal(ours.frozen.picture, theirs.frozen.picture)  # type: ignore[arg-type]
    assert along.out_of_step == 0


def test_another_engine_remembers_nothing() -> None:
    along = mirror(TrackingSettings())
    along.follow(moment(0.0, analysed(region(track_id=0), up=False), engine=1))
    assert along.states()["main"].tracker.next_id == 1  # type: ignore[union-attr]
    along.follow(moment(0.1, None, engine=2))  # no answer: it says nothing of an engine
    assert along.engine == 1
    along.follow(moment(0.2, analysed(region(track_id=0), up=False), engine=2))
    assert along.engine == 2
    assert along.out_of_step == 0


def test_frames_that_no_engine_saw_leave_it_as_it_is() -> None:
    along = mirror()
    along.follow(moment(0.0, None, result=refused(Reason.STALE)))
    along.follow(moment(0.1))
    assert along.states() == {}


def test_answers_that_another_memory_gave_are_counted() -> None:
    along = mirror(TrackingSettings())
    along.follow(moment(0.0, analysed(region(track_id=7), up=False)))
    assert along.out_of_step == 1
    along.follow(moment(0.1, refused(Reason.FRAME_FROZEN)))
    assert along.out_of_step == 2


def test_a_lost_picture_makes_the_next_one_another() -> None:
    along = mirror()
    along.follow(moment(0.0, analysed(), frame_id=1))
    assert along.states()["main"].frozen.picture is not None  # type: ignore[union-attr]
    along.follow(moment(0.1, analysed(), frame_id=1, lost=True))
    assert along.states()["main"].frozen.picture is None  # type: ignore[union-attr]
