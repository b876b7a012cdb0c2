from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measured_pictures import ellipse
from sonoedge.description import Described, NotDescribed, NotDescribedReason
from sonoedge.frames import Frame, FrameMeta
from sonoedge.measure import Measures
from sonoedge.session.worker.wire import Message, Unpacker
from sonoedge.session.worker.wire_region import (
    description_from,
    description_to,
    region_from,
    region_to,
)
from sonoedge.words import Measurement

DESCRIBED = Described(
    measures=Measures(
        names=("a.b", "a.c", "d.e"),
        values=np.array([0.1, -3.5e9, 0.0], dtype=np.float32),
        not_measured=("d.e",),
    ),
    words=(
        Measurement(name="outline", value=0.912345678, unit="", word="oval", reliable=True),
        Measurement(name="posterior", value=None, unit="", word=None, reliable=False),
    ),
    sentence="Outline oval.",
)


def crossed(message: bytes) -> Message:
    ((header, block),) = Unpacker().feed(message)
    return header, block


@pytest.mark.parametrize("meta", [FrameMeta(), FrameMeta(probe="L12", depth_mm=40.0)])
def test_a_region_comes_out_with_its_frame_as_it_went_in(meta: FrameMeta) -> None:
    memory = np.random.default_rng(0).integers(0, 255, 5000).astype(np.uint8)
    pixels = memory[100:2500].reshape(40, 60)
    sent = Frame(pixels=pixels, captured_ns=7, spacing_mm=(0.1, 0.2), meta=meta)
    region = dataclasses.replace(ellipse((30, 20), (12, 9)), track_id=3, track_flagged=True)
    frame, got = region_from(*crossed(region_to(sent, "left", 100, region)), memory)
    assert np.array_equal(frame.pixels, pixels)
    assert (frame.captured_ns, frame.spacing_mm, frame.meta) == (7, (0.1, 0.2), meta)
    assert np.array_equal(got.contour_px, region.contour_px)
    for name in ("box_px", "area_px", "suspicion", "flagged", "track_id", "track_flagged"):
        assert getattr(got, name) == getattr(region, name)


def test_a_region_takes_the_embedding_of_its_frame_along() -> None:
    memory = np.random.default_rng(0).integers(0, 255, 5000).astype(np.uint8)
    pixels = memory[100:2500].reshape(40, 60)
    embedding = np.array([0.1, -0.7, 3e-20], dtype=np.float32)
    region = dataclasses.replace(ellipse((30, 20), (12, 9)), embedding=embedding)
    frame, got = region_from(*crossed(region_to(Frame(pixels=pixels), "main", 100, region)), memory)
    assert np.array_equal(frame.pixels, pixels)
    assert got.embedding is not None
    assert np.array_equal(got.embedding, embedding)


def test_a_description_comes_out_as_it_went_in() -> None:
    got = description_from(*crossed(description_to(DESCRIBED)))
    assert isinstance(got, Described)
    assert np.array_equal(got.measures.values, DESCRIBED.measures.values)
    assert got.measures.names == DESCRIBED.measures.names
    assert got.measures.not_measured == ("d.e",)
    assert got.words == DESCRIBED.words
    assert got.sentence == DESCRIBED.sentence
    why = NotDescribed(reason=NotDescribedReason.REGION_INVALID, detail="outside")
    assert description_from(*crossed(description_to(why))) == why


@given(block=st.binary(max_size=24))
def test_a_damaged_description_is_refused_or_finite(block: bytes) -> None:
    header, _ = crossed(description_to(DESCRIBED))
    try:
        got = description_from(header, block)
    except ValueError:
        return
    assert isinstance(got, Described)
    assert np.isfinite(got.measures.values).all()
