"""Python against the conformance vectors; the C library is held to the same ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

import sonoedge
from conformance.answers import Listening, answers, frame_of
from conformance.scenes import scenes, stream
from conformance.vectors import (
    BUNDLE,
    GATHERED,
    gathering_bundle,
    read,
    read_gathered_maps,
    read_maps,
)
from sonoedge.analyser import Analyser
from sonoedge.engines.options import EngineOptions

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


@pytest.fixture
def analyser(frame_path: Literal["python", "native"]) -> Iterator[Analyser]:
    engine = EngineOptions(variant="onnxruntime-fp32", threads=1, frame_path=frame_path)
    with sonoedge.open(BUNDLE, engine) as opened:
        assert opened.origin.frame_path == frame_path
        yield opened


@pytest.mark.req("R75")
def test_every_scene_is_answered_as_written(analyser: Analyser) -> None:
    """The engine's answers are the stored ones: all the rest must be equal on every machine."""
    maps = iter(read_maps(analyser.engine.outputs))
    given = [answer for answer, _ in answers(analyser, scenes(), maps)]
    for answer, written in itertools.zip_longest(given, read()):
        assert answer == written
    assert next(maps, None) is None


@pytest.mark.req("R75")
def test_a_stream_by_evidence_is_answered_as_written(
    tmp_path: Path, frame_path: Literal["python", "native"]
) -> None:
    engine = EngineOptions(variant="onnxruntime-fp32", threads=1, frame_path=frame_path)
    with sonoedge.open(gathering_bundle(tmp_path / "bundle"), engine) as analyser:
        maps = iter(read_gathered_maps(analyser.engine.outputs))
        given = [answer for answer, _ in answers(analyser, stream(0), maps)]
    for answer, written in itertools.zip_longest(given, read(GATHERED)):
        assert answer == written
    assert next(maps, None) is None


def test_evidence_and_votes_flag_the_stream_at_different_moments() -> None:
    gathered = [answer.get("temporal_flag") for answer in read(GATHERED)]
    votes = [answer.get("temporal_flag") for answer in read()[-len(gathered) :]]
    assert {0, 1} <= set(gathered)
    assert gathered != votes
    assert [flag is None for flag in gathered] == [flag is None for flag in votes]


def test_the_engine_answers_as_stored_within_a_level(analyser: Analyser) -> None:
    engine = analyser.engine = Listening(analyser.engine)
    stored = iter(read_maps(engine.outputs))
    for scene, written in zip(scenes(), read(), strict=True):
        analyser.analyse(frame_of(scene))
        if written["input"] is None:
            continue
        assert engine.answered is not None
        for name, expected in next(stored).items():
            allowed = 1e-5 if expected.dtype == np.float32 else 1
            difference = engine.answered[name].astype(np.float64) - expected
            assert np.abs(difference).max() <= allowed, (scene.name, name)


def test_the_vectors_hold_what_an_implementation_can_get_wrong() -> None:
    written = read()
    analysed = [answer for answer in written if "reason" not in answer]
    stopped = {answer["reason"] for answer in written if "reason" in answer}
    kinds = {
        (scene.pixels.shape[:2], scene.pixels.ndim, scene.pixels.shape[2:]) for scene in scenes()
    }
    assert len({shape for shape, _, _ in kinds}) >= 12
    assert {channels for _, _, channels in kinds} == {(), (3,), (4,)}
    assert len(stopped) >= 12
    assert {len(answer["regions"]) for answer in analysed} >= {0, 1, 2, 3, 6}
    assert {answer["temporal_flag"] for answer in analysed} == {0, 1}
    assert any(region["mm"] for answer in analysed for region in answer["regions"])
