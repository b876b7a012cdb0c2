"""sources/child/wire.py: what crosses, and what is refused where it comes in."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoedge.errors import InvalidData, MissingDependency, SourceError
from sonoedge.frames import NO_META, FrameMeta
from sonoedge.sources.child.wire import (
    failed_from,
    failed_to,
    opened_from,
    opened_to,
    pack,
    picture_from,
    picture_to,
    place_from,
    unpack,
)
from sonoedge.sources.picture import Contents, Picture

PIXELS = np.zeros((4, 6, 3), dtype=np.uint8)
PICTURE = {"is": "picture", "slot": 0, "shape": [4, 6, 3]}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)


def crossed(picture: Picture) -> Picture:
    return picture_from(unpack(picture_to(picture, 1)), picture.pixels)


def test_a_picture_crosses_with_all_that_it_carries() -> None:
    meta = FrameMeta(probe="L12", depth_mm=50.0, frozen=True, file="a.dcm", invalid="marked")
    picture = Picture(
        pixels=PIXELS,
        time_s=0.25,
        captured_ns=9,
        stamped=True,
        spacing_mm=(0.2, 0.1),
        pixel_aspect=1.25,
        roi_px=(1, 2, 3, 4),
        meta=meta,
    )
    read = crossed(picture)
    for name in ("time_s", "captured_ns", "stamped", "spacing_mm", "pixel_aspect", "roi_px"):
        assert getattr(read, name) == getattr(picture, name)
    assert read.meta == meta
    assert place_from(unpack(picture_to(picture, 1))) == (1, (4, 6, 3))
    assert crossed(Picture(pixels=PIXELS)).meta is NO_META


def test_long_texts_of_a_header_are_cut() -> None:
    read = crossed(Picture(pixels=PIXELS, meta=FrameMeta(probe="x" * 100_000)))
    assert read.meta.probe == "x" * 256


def test_what_was_opened_crosses() -> None:
    contents = Contents(name="a", pictures=lambda: None, count=3, fps=2.5, times="own")  # type: ignore[arg-type,return-value]
    assert opened_from(unpack(opened_to(contents))) == {
        "count": 3,
        "fps": 2.5,
        "times": "own",
        "scanner": None,
        "month": None,
        "study": None,
    }


@pytest.mark.parametrize("error", [SourceError, MissingDependency, InvalidData])
def test_an_error_crosses_as_what_it_is(error: type[Exception]) -> None:
    read = failed_from(unpack(failed_to(error("a.png is damaged"))))  # type: ignore[arg-type]
    assert type(read) is error
    assert str(read) == "a.png is damaged"


def test_an_error_that_no_reader_raises_is_a_source_error() -> None:
    read = failed_from({"is": "failed", "token": "DIGEST_MISMATCH", "message": "m"})
    assert type(read) is SourceError


@pytest.mark.parametrize(
    "changes",
    [
        {"is": "photograph"},
        {"slot": 2},
        {"slot": -1},
        {"slot": None},
        {"shape": [4]},
        {"shape": [4, 0, 3]},
        {"shape": [4, 6, 4]},
        {"shape": [4, -6]},
        {"shape": [1 << 20, 1 << 20]},
        {"shape": [4.0, 6.0]},
        {"shape": "46"},
    ],
)
def test_a_place_out_of_range_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        place_from(PICTURE | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"time_s": "now"},
        {"time_s": float("nan")},
        {"time_s": True},
        {"captured_ns": 1.5},
        {"captured_ns": 1 << 70},
        {"spacing_mm": [0.1]},
        {"spacing_mm": [0.1, "wide"]},
        {"spacing_mm": [0.1, float("inf")]},
        {"spacing_mm": [10**400, 1]},
        {"roi_px": [0, 0, 4.5, 4]},
        {"roi_px": [0, 0, 4, 1 << 40]},
        {"pixel_aspect": 0},
        {"meta": {"patient": "DOE"}},
        {"meta": {"probe": 7}},
        {"meta": {"probe": "x" * 1000}},
        {"meta": {"frozen": "yes"}},
        {"meta": {"depth_mm": "deep"}},
        {"meta": []},
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        picture_from(PICTURE | changes, PIXELS)


@given(JSON)
def test_whatever_a_process_sends_is_read_or_a_value_error(message: Any) -> None:
    changed = PICTURE | message if isinstance(message, dict) else {**PICTURE, "meta": message}
    for parse in (opened_from, place_from, failed_from, lambda m: picture_from(m, PIXELS)):
        try:
            parse(changed)
        except ValueError:
            continue


@given(st.binary(max_size=60))
def test_whatever_bytes_come_are_a_message_or_a_value_error(data: bytes) -> None:
    try:
        assert isinstance(unpack(data), dict)
    except ValueError:
        assert data != json.dumps({}).encode()


def test_a_message_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(ValueError, match="too long"):
        pack({"is": "x" * 100_000})
