"""A handle's results are what Python's analyser finds, told as the service tells it."""

from __future__ import annotations

import ctypes
import math
import os
import select
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import sonoedge
from c_build import onnxruntime
from conformance.pictures import speckle, with_discs
from conformance.scenes import Scene, scenes
from conformance.vectors import BUNDLE
from native_library import NOTHING_NEW, OK, Handle
from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed, Analysis
from sonoedge.engines.options import EngineOptions
from sonoedge.frames import Frame, FrameMeta
from sonoedge.service.codes import RegionFlag
from sonoedge.service.incoming import INVALID

LESION = with_discs(speckle(1, 120, 160), (500, 500, 170, 10))


@pytest.fixture
def handle(library: ctypes.CDLL) -> Iterator[Handle]:
    with Handle(library, BUNDLE, onnxruntime=onnxruntime(), threads=1) as opened:
        assert opened.error == OK, opened.message
        yield opened


@pytest.fixture
def analyser() -> Iterator[Analyser]:
    engine = EngineOptions(variant="onnxruntime-fp32", threads=1)
    with sonoedge.open(BUNDLE, engine) as opened:
        yield opened


def given(scene: Scene) -> dict[str, Any]:
    """A scene's values as sonoedge_frame has them."""
    values = dict(scene.values)
    fields: dict[str, Any] = {}
    if "spacing_mm" in values:
        fields["spacing_row_mm"], fields["spacing_column_mm"] = values.pop("spacing_mm")
    if "roi_px" in values:
        fields["roi"] = values.pop("roi_px")
    flags = int(values.pop("frozen", False)) + 2 * int("invalid" in values)
    values.pop("invalid", None)
    for name, value in values.items():
        fields[name] = value.encode() if isinstance(value, str) else value
    return fields | ({"flags": flags} if flags else {})


def frame_of(scene: Scene, captured_ns: int) -> Frame:
    """The frame that the service makes of it."""
    values = {"invalid": INVALID, **scene.values} if "invalid" in scene.values else scene.values
    if "invalid" in values:
        values = {**values, "invalid": INVALID}
    names = ("probe", "preset", "depth_mm", "gain_db", "frozen", "invalid")
    meta = FrameMeta(**{name: values[name] for name in names if name in values})
    rest = {name: value for name, value in values.items() if name not in names}
    pixels = scene.pixels[..., :3] if scene.pixels.ndim == 3 else scene.pixels
    return Frame(pixels=np.ascontiguousarray(pixels), captured_ns=captured_ns, meta=meta, **rest)


def expected(analysis: Analysis) -> dict[str, Any]:
    """What the library must say of an analysis."""
    if not isinstance(analysis, Analysed):
        return {
            "outcome": 0,
            "flagged": 0,
            "temporal_flag": -1,
            "localised": 0,
            "regions": [],
            "class_probs": [],
            "reasons": [reason.value for reason in analysis.reasons],
            "detail": analysis.detail,
        }
    return {
        "outcome": 1,
        "flagged": int(analysis.flagged),
        "temporal_flag": -1 if analysis.temporal_flag is None else int(analysis.temporal_flag),
        "localised": int(analysis.localised),
        "class_probs": list(analysis.class_probs.values()),
        "reasons": [],
        "detail": "",
        "regions": [
            {
                "contour": region.contour_px.ravel().tolist(),
                "flags": int(
                    (RegionFlag.FLAGGED if region.flagged else 0)
                    | (RegionFlag.TRACK_FLAGGED if region.track_flagged else 0)
                    | (RegionFlag.HAS_MM if region.area_mm2 is not None else 0)
                ),
                "track_id": region.track_id,
                "box": list(region.box_px),
                "sizes": [region.area_px, region.area_mm2 or 0.0, *(region.box_mm or (0.0, 0.0))],
                "suspicion": region.suspicion,
                "class_probs": list(region.class_probs.values()),
            }
            for region in analysis.regions
        ],
    }


@pytest.mark.req("R75")
def test_every_scene_has_the_result_of_pythons_analysis(handle: Handle, analyser: Analyser) -> None:
    for scene in scenes():
        result = dict(handle.analyse(scene.pixels, **given(scene)))
        analysis = analyser.analyse(frame_of(scene, result["captured_ns"]))
        suspicion = result.pop("suspicion")
        if isinstance(analysis, Analysed) and analysis.suspicion is not None:
            assert suspicion == analysis.suspicion
        else:
            assert math.isnan(suspicion)
        assert result.pop("valid_until_ns") == result.pop("captured_ns") + 500_000_000
        assert result.pop("age_ms") > 0
        result.pop("frame_id")
        assert result == expected(analysis), scene.name
    status = handle.status()
    assert status.submitted == status.analysed + status.not_analysed
    assert status.analysed > 100
    assert status.not_analysed > 20


def test_ids_count_and_a_result_is_read_once(handle: Handle) -> None:
    assert handle.next() is None
    assert [handle.submit(LESION)[1] for _ in range(3)] == [1, 2, 3]
    result = handle.next()
    assert result is not None
    assert result["frame_id"] == 3
    assert handle.next() is None


def test_a_result_outlives_the_next_submit(handle: Handle, library: ctypes.CDLL) -> None:
    """What it points to lasts until the next call of sonoedge_next."""
    from native_library import CResult

    result = CResult()
    assert handle.submit(LESION)[0] == OK
    assert library.sonoedge_next(handle._handle, ctypes.byref(result), 0) == OK
    before = result.regions[0].contour[: 2 * result.regions[0].points]
    assert handle.submit(speckle(2, 240, 320))[0] == OK
    assert result.regions[0].contour[: 2 * result.regions[0].points] == before


def test_the_descriptor_is_readable_while_a_result_waits(handle: Handle) -> None:
    assert select.select([handle.descriptor], [], [], 0)[0] == []
    handle.submit(LESION)
    handle.submit(LESION)
    assert select.select([handle.descriptor], [], [], 0)[0]
    handle.next()
    assert select.select([handle.descriptor], [], [], 0)[0] == []


@pytest.mark.req("R77")
def test_times_that_cannot_be_are_outcomes(handle: Handle) -> None:
    late = handle.analyse(LESION, captured_ns=handle.now_ns() - 700_000_000)
    assert late["reasons"] == ["STALE"]
    assert late["detail"].endswith("ms old when it came")
    ahead = handle.analyse(LESION, captured_ns=handle.now_ns() + 3_600_000_000_000)
    assert ahead["reasons"] == ["CAPTURE_CLOCK_NOT_MONOTONIC"]
    assert ahead["detail"].startswith("captured_ns lies 3.6e+03 s ahead of the session's clock")
    for at_ns in (-(1 << 63), (1 << 63) - 1, 1):
        assert handle.analyse(LESION, captured_ns=at_ns)["outcome"] == 0
    assert handle.analyse(LESION)["outcome"] == 1
    assert handle.state() == ("READY", "")  # a host's wrong times are no trouble of the engine's


def test_a_stamp_that_was_rounded_up_is_taken(handle: Handle) -> None:
    result = handle.analyse(LESION, captured_ns=handle.now_ns() + 900_000)
    assert result["outcome"] == 1
    assert result["age_ms"] >= 0


def test_frames_that_cannot_be_are_arguments(handle: Handle) -> None:
    for fields in ({"width": 0}, {"stride": 3}, {"format": 9}, {"flags": 4}, {"probe": b"x" * 256}):
        assert handle.submit(LESION, **fields)[0] == 1
        assert handle.message.startswith("a ")
    assert handle.status().submitted == 0


def test_names_that_are_no_text_are_an_outcome(handle: Handle) -> None:
    result = handle.analyse(LESION, probe=b"\xc3\x28")
    assert result["reasons"] == ["METADATA_INVALID"]


@pytest.mark.req("R77")
def test_in_a_fork_there_is_no_analysis(handle: Handle) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        result = handle.analyse(LESION)
        os.write(writer, f"{result['reasons']} {handle.valid()} {handle.state()}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 200).decode() == "['FORKED'] False ('UNAVAILABLE', 'FORKED')"
    assert handle.analyse(LESION)["outcome"] == 1


def test_what_it_says_of_itself(handle: Handle, analyser: Analyser) -> None:
    status = handle.status()
    assert handle.state() == ("READY", "")
    assert handle.valid()
    assert status.valid_until_ns > handle.now_ns()
    assert bytes(status.bundle_id).decode() == analyser.origin.bundle_id
    assert bytes(status.runtime) == b"onnxruntime"
    assert bytes(status.precision) == b"fp32"
    assert bytes(status.variant).decode() == analyser.origin.variant
    assert [bytes(label).decode() for label in status.labels[: status.label_count]] == list(
        analyser.labels
    )
    assert status.flag_threshold == analyser.threshold


@pytest.mark.req("R77")
def test_nothing_new_is_no_finding(handle: Handle, library: ctypes.CDLL) -> None:
    from native_library import CResult

    result = CResult(outcome=1, region_count=3)
    assert library.sonoedge_next(handle._handle, ctypes.byref(result), 50) == NOTHING_NEW
    assert (result.outcome, result.region_count) == (0, 0)
