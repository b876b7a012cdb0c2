"""Whole streams through two analysers that differ in the frame path alone."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from native_streams import LABELS, Scripted, Stream
from scripted_engines import origin_of
from sonoedge import Analysed, Analyser, Analysis, Frame, FrameMeta, GuardSettings, Reason
from sonoedge.errors import InvalidSettings
from sonoedge.native.path import NativePath
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.reason_numbers import REASONS
from sonoedge.stream_memory import StreamState

pytestmark = pytest.mark.usefixtures("native_built")
NAMES = ("lesion_map", "malignancy_map", "class_probs")
TRACKING = TrackingSettings(raise_frames=2, window_frames=4, keep_frames=1)
ALLOWED = GuardSettings(aspect=None, probes=("Linear", "straße", "CURVÉ"), presets=None)


def pair(
    names: tuple[str, ...],
    guard: GuardSettings = ALLOWED,
    tracking: TrackingSettings | None = TRACKING,
    **parts: Any,
) -> tuple[Scripted, Analyser, Analyser]:
    """An engine, and the analyser around it in Python and in C."""
    engine, origin = Scripted(names, (96, 128)), origin_of("b")
    post = PostprocessSpec(
        labels=LABELS,
        positive=("malignant",),
        out_of_scope="other",
        scope_threshold=0.8,
        min_area_input_px=20.0,
    )
    python, native = (
        Analyser(
            engine,
            preprocess=PreprocessSpec(height=96, width=128),
            postprocess=post,
            guard=guard,
            tracking=tracking,
            origin=dataclasses.replace(origin, frame_path=name),
            clock_ns=lambda: 0,
            **parts,
        )
        for name in ("python", "native")
    )
    return engine, python, native


def plain(value: Any) -> Any:
    """A value and all that it holds, to be compared; without which frame path it was."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {f.name: plain(getattr(value, f.name)) for f in fields if f.name != "frame_path"}
    if isinstance(value, np.ndarray):
        assert value.flags.owndata
        assert value.flags.writeable
        return value.dtype, value.tolist()
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def asked(engine: Scripted, analyser: Analyser, frame: Any, **at: Any) -> tuple[Analysis, Any]:
    engine.asked = None
    analysis = analyser.analyse(frame, **at)
    return analysis, None if engine.asked is None else engine.asked.tolist()


@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("names", [("lesion_map",), NAMES, ("class_probs",)], ids="+".join)
def test_streams_that_take_turns_are_answered_alike(names: tuple[str, ...], explain: bool) -> None:
    engine, python, native = pair(names, explain=explain)
    streams = {name: Stream(seed) for seed, name in enumerate("ab")}
    seen: set[Any] = set()
    for n in range(300):
        name = "ab"[n % 3 % 2]
        frame, engine.maps = streams[name].frame(), streams[name].maps(names)
        if n == 200:
            python.forget("a")
            native.forget("a")
        if n > 150:  # from here on by a recording's clock
            frame = dataclasses.replace(frame, recorded_ns=frame.captured_ns, captured_ns=n)
        wanted, wanted_input = asked(engine, python, frame, stream=name)
        given, given_input = asked(engine, native, frame, stream=name)
        assert given_input == wanted_input
        assert plain(given) == plain(wanted)
        assert given.origin.frame_path == "native"
        seen |= {given.temporal_flag} if isinstance(given, Analysed) else set(given.reasons)
    assert {True, False, Reason.FRAME_FROZEN, Reason.PROBE_NOT_ALLOWED, Reason.CONSTANT} <= seen


PIXELS = np.random.default_rng(0).integers(20, 200, (120, 160), dtype=np.uint8)
COLOUR = np.dstack([PIXELS] * 3)
ODD: dict[str, dict[str, Any]] = {
    "rows turned round": {"pixels": PIXELS[::-1]},
    "every other column": {"pixels": PIXELS[:, ::2]},
    "columns first": {"pixels": np.asfortranarray(PIXELS)},
    "part of a picture": {"pixels": PIXELS[3:90, 7:130]},
    "channels turned round": {"pixels": COLOUR[..., ::-1]},
    "one row for all": {"pixels": np.broadcast_to(PIXELS[0], (120, 160))},
    "four channels": {"pixels": np.dstack([PIXELS] * 4)},
    "no pixels": {"pixels": np.zeros((0, 160), np.uint8)},
    "a large region": {"roi_px": (-(1 << 40), 0, 1 << 40, 1 << 70)},
    "an empty region": {"roi_px": (5, 5, 5, 5)},
    "numbers of NumPy's": {
        "captured_ns": np.int64(7),
        "spacing_mm": np.array([0.1, 0.2]),
        "meta": FrameMeta(probe="linear", depth_mm=np.float32(40), frozen=np.bool_(False)),  # type: ignore[arg-type]
    },
    "a scale that is none": {"spacing_mm": (np.nan, -1)},
    "a probe in other letters": {"meta": FrameMeta(probe=" STRASSE\u2003")},
    "another probe": {"meta": FrameMeta(probe="convex")},
    "no text for C": {"meta": FrameMeta(probe="linear", preset="a\0b\udc80")},
    "marked as invalid": {"meta": FrameMeta(invalid="no signal")},
    "a time that is none": {"captured_ns": "now"},
    "a recording's time": {"captured_ns": 5, "recorded_ns": 1 << 40},
    "a recording's time that is none": {"recorded_ns": "then"},
    "meta that is none": {"meta": "linear"},
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_frame_has_the_same_outcome(name: str) -> None:
    engine, python, native = pair(NAMES)
    values = {"pixels": PIXELS, "captured_ns": 5, "meta": FrameMeta(probe="linear"), **ODD[name]}
    before = Frame(pixels=PIXELS, captured_ns=1, meta=FrameMeta(probe="linear"))
    engine.maps = Stream(0).maps(NAMES)
    for frame in (before, Frame(**values), before):
        wanted, wanted_input = asked(engine, python, frame)
        given, given_input = asked(engine, native, frame)
        assert given_input == wanted_input
        assert plain(given) == plain(wanted)


def test_what_is_no_frame_is_an_outcome() -> None:
    _, python, native = pair(NAMES)
    assert plain(native.analyse("frame")) == plain(python.analyse("frame"))  # type: ignore[arg-type]


def test_preset_names_that_c_cannot_hold_are_told_apart() -> None:
    engine, python, native = pair(NAMES)
    engine.maps = Stream(0).maps(NAMES)
    for n, preset in enumerate(("a\0b", "a\0b", "a\0c", "a", "\udc80", "\udc81")):
        meta = FrameMeta(probe="linear", preset=preset)
        frame = Frame(pixels=np.roll(PIXELS, n), captured_ns=n, meta=meta)
        assert plain(native.analyse(frame)) == plain(python.analyse(frame))


@pytest.mark.parametrize(
    "broken",
    [
        lambda maps: {"lesion_map": maps["lesion_map"][..., :7]},
        lambda maps: {"malignancy_map": maps["malignancy_map"].astype(np.float32)},
        lambda maps: {"class_probs": maps["class_probs"][:, :2]},
    ],
)
def test_an_answer_of_another_shape_never_reaches_c(broken: Callable[[Any], Any]) -> None:
    engine, _, native = pair(NAMES)
    maps = Stream(0).maps(NAMES)
    engine.maps = maps | broken(maps)
    frame = Frame(pixels=PIXELS, captured_ns=1, meta=FrameMeta(probe="linear"))
    refused = native.analyse(frame)
    assert not isinstance(refused, Analysed)
    assert refused.reasons == (Reason.INTERNAL_ERROR,)
    engine.maps = maps
    again = dataclasses.replace(frame, pixels=np.roll(PIXELS, 1), captured_ns=2)
    assert isinstance(native.analyse(again), Analysed)


@pytest.mark.parametrize("call", ["judge", "fill", "find", "track"])
def test_a_call_that_fails_is_an_outcome(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As without memory: C says so, and has no other way to fail."""
    engine, _, native = pair(NAMES)
    engine.maps = Stream(0).maps(NAMES)
    frame = Frame(pixels=PIXELS, captured_ns=1, meta=FrameMeta(probe="linear"))
    internal_error = REASONS[Reason.INTERNAL_ERROR]
    failing = {"judge": internal_error, "fill": -1, "find": internal_error, "track": -1}
    path = native._path(None)
    assert isinstance(path, NativePath)
    with monkeypatch.context() as patch:
        patch.setattr(path, f"_{call}", lambda: failing[call])
        outcome = native.analyse(frame)
        assert not isinstance(outcome, Analysed)
        assert outcome.reasons == (Reason.INTERNAL_ERROR,)
        assert outcome.detail.startswith("MemoryError")
    again = dataclasses.replace(frame, pixels=np.roll(PIXELS, 1), captured_ns=2)
    assert isinstance(native.analyse(again), Analysed)


def test_what_is_answered_outlives_the_analyser() -> None:
    engine, python, native = pair(("lesion_map",))
    engine.maps = Stream(0).maps(("lesion_map",))
    frame = Frame(pixels=PIXELS, captured_ns=1, meta=FrameMeta(probe="linear"))
    wanted, given = python.analyse(frame), native.analyse(frame)
    native.close()
    closed = native.analyse(frame)
    assert not isinstance(closed, Analysed)
    assert closed.reasons == (Reason.CLOSED,)
    del native
    gc.collect()
    assert isinstance(given, Analysed)
    assert given.regions
    assert plain(given) == plain(wanted)


def test_a_state_is_not_taken_up() -> None:
    _, _, native = pair(NAMES)
    with pytest.raises(InvalidSettings, match="frame_path='python'"):
        native.restore(StreamState(frozen=None, tracker=None))
