from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoedge import Analysed, Frame, FrameGrade, FrameMeta, NotAnalysed, Origin, Reason, Region
from sonoedge.analysis import Explanation, GreyLevels, Line
from sonoedge.session.worker.wire import HEAD, LIMIT, Message, Unpacker, pack
from sonoedge.session.worker.wire_analysis import analysis_from, analysis_to
from sonoedge.session.worker.wire_frame import frame_from, frame_to
from sonoedge_bench.reliability.drive import speckle

ORIGIN = Origin(bundle_id="b", engine_sha256="s", runtime="r", precision="p", variant="v")


def region(points: int, number: int) -> Region:
    rng = np.random.default_rng(number)
    return Region(
        contour_px=rng.integers(0, 4096, (points, 2), dtype=np.int32),
        box_px=(1, 2, 30, 40),
        area_px=12.5 * number,
        area_mm2=None if number % 2 else 3.25,
        box_mm=None if number % 2 else (1.5, 2.5),
        suspicion=0.123456789,
        class_probs={"benign": 0.1, "malignant": 0.9},
        flagged=bool(number % 2),
        track_id=None if number % 3 else number,
    )


def analysed(*regions: Region) -> Analysed:
    return Analysed(
        frame_id=7,
        captured_ns=2**62 + 1,
        age_ms=1.25,
        stages_ms={"guard": 0.1, "engine": 2.0},
        origin=ORIGIN,
        regions=regions,
        class_probs={"normal": 1.0},
        stream="left",
        grey=GreyLevels(101.5, 23.25),
    )


def plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    return value


def crossed(message: bytes) -> Message:
    ((header, block),) = Unpacker().feed(message)
    return header, block


@pytest.mark.parametrize("points", [(), (4,), (3, 1, 200), (5,) * 16])
def test_an_analysis_comes_out_as_it_went_in(points: tuple[int, ...]) -> None:
    sent = analysed(*(region(p, n) for n, p in enumerate(points)))
    got = analysis_from(*crossed(analysis_to(sent)), ORIGIN)
    assert plain(got) == plain(sent)


@pytest.mark.parametrize("up", [None, False, True])
def test_the_temporal_flag_crosses(up: bool | None) -> None:
    sent = dataclasses.replace(analysed(), temporal_flag=up, stream=None)
    got = analysis_from(*crossed(analysis_to(sent)), ORIGIN)
    assert isinstance(got, Analysed)
    assert got.temporal_flag is up
    assert got.stream is None


def test_a_frames_own_grade_crosses() -> None:
    sent = dataclasses.replace(analysed(), grade=FrameGrade(suspicion=0.75, flagged=True))
    got = analysis_from(*crossed(analysis_to(sent)), ORIGIN)
    assert plain(got) == plain(sent)


@pytest.mark.parametrize("length_mm", [None, 12.5])
def test_lines_cross(length_mm: float | None) -> None:
    line = Line(
        ends_px=((1.5, 2.5), (30.0, 4.0)), angle_deg=-12.5, length_px=40.25, length_mm=length_mm
    )
    regions = tuple(dataclasses.replace(region(n, n), line=line) for n in (4, 7))
    sent = analysed(*regions)
    header, block = crossed(analysis_to(sent))
    assert plain(analysis_from(header, block, ORIGIN)) == plain(sent)
    with pytest.raises(ValueError, match=r"cut short|impossible|left over"):
        analysis_from(header, block[:-16], ORIGIN)


EXPLANATION = Explanation(
    name="malignancy_map",
    levels=np.arange(48, dtype=np.uint8).reshape(6, 8)[:, 1:],
    box_px=(3, 0, 60, 48),
)


def test_an_explanation_crosses() -> None:
    sent = dataclasses.replace(analysed(region(5, 1), region(7, 2)), explanation=EXPLANATION)
    got = analysis_from(*crossed(analysis_to(sent)), ORIGIN)
    assert plain(got) == plain(sent)
    assert isinstance(got, Analysed)
    assert got.explanation is not None
    assert got.explanation.levels.flags.writeable


@pytest.mark.parametrize(
    "fields",
    [
        ["weights", 6, 7, 3, 0, 60, 48],
        ["lesion_map", 6000, 7, 3, 0, 60, 48],
        ["lesion_map", -6, -7, 3, 0, 60, 48],
        ["lesion_map", 6, 7, 60, 0, 60, 48],
        ["lesion_map", 6, 7],
    ],
)
def test_an_impossible_explanation_is_refused(fields: list[object]) -> None:
    sent = dataclasses.replace(analysed(region(5, 1)), explanation=EXPLANATION)
    header, block = crossed(analysis_to(sent))
    with pytest.raises(ValueError, match=r"explanation|unpack"):
        analysis_from({**header, "map": fields}, block, ORIGIN)


def test_every_field_of_an_analysis_is_known_to_the_wire() -> None:
    sent = analysed(region(4, 1))
    assert {f.name for f in dataclasses.fields(Analysed)} == {
        *("frame_id", "captured_ns", "age_ms", "stages_ms", "origin", "regions"),
        *("class_probs", "temporal_flag", "stream", "grade", "explanation", "grey"),
    }
    assert {f.name for f in dataclasses.fields(sent.regions[0])} == {
        *("contour_px", "box_px", "area_px", "area_mm2", "box_mm", "suspicion"),
        *("class_probs", "flagged", "track_id", "track_flagged", "line", "embedding"),
    }


@given(cut=st.integers(0, 400), noise=st.binary(max_size=16))
def test_a_damaged_analysis_is_refused_or_an_analysis(cut: int, noise: bytes) -> None:
    header, block = crossed(analysis_to(analysed(region(5, 1), region(7, 2))))
    damaged = block[:cut] + noise + block[cut + len(noise) :]
    try:
        got = analysis_from(header, damaged, ORIGIN)
    except (ValueError, OverflowError):
        return
    assert isinstance(got, Analysed)


def test_an_analysis_cut_short_is_refused() -> None:
    header, block = crossed(analysis_to(analysed(region(5, 1))))
    with pytest.raises(ValueError, match="cut short"):
        analysis_from(header, block[:40], ORIGIN)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_crosses(reason: Reason) -> None:
    sent = NotAnalysed(
        frame_id=1,
        captured_ns=5,
        age_ms=2.0,
        stages_ms={"guard": 1.0},
        origin=ORIGIN,
        reasons=(reason, Reason.CLOSED),
        detail="why",
    )
    got = analysis_from(*crossed(analysis_to(sent)), ORIGIN)
    assert plain(got) == plain(sent)
    assert isinstance(got, NotAnalysed)
    assert got.reasons[0] is reason


@pytest.mark.parametrize(
    "frame",
    [
        Frame(pixels=speckle(1), captured_ns=17),
        Frame(pixels=np.dstack([speckle(1)] * 3), captured_ns=2**62, spacing_mm=(0.1, 0.2)),
        Frame(pixels=speckle(1), captured_ns=17, pixel_aspect=12 / 11),
        Frame(
            pixels=speckle(2, height=7, width=9),
            captured_ns=3,
            roi_px=(1, 2, 5, 6),
            meta=FrameMeta(probe="C5", preset="breast", depth_mm=40.0, gain_db=-3.0, frozen=True),
        ),
    ],
)
def test_a_frame_comes_out_as_it_went_in(frame: Frame) -> None:
    header, block = crossed(frame_to(frame, "left"))
    memory = np.zeros(1 << 20, np.uint8)
    memory[: frame.pixels.size] = frame.pixels.ravel()
    got, stream = frame_from(header, block, memory)
    assert plain(got) == plain(frame)
    assert stream == "left"


@pytest.mark.parametrize(
    "wrong",
    [
        {"captured_ns": "x"},
        {"captured_ns": 2**70},
        {"spacing_mm": (0.1,)},
        {"spacing_mm": ("a", "b")},
        {"roi_px": (1, 2)},
    ],
)
def test_a_frame_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        frame_to(Frame(**({"pixels": speckle(1)} | wrong)), "left")  # type: ignore[arg-type]


@given(
    blocks=st.lists(st.binary(max_size=200), max_size=5),
    cuts=st.lists(st.integers(1, 50), max_size=60),
)
def test_messages_may_come_in_any_pieces(blocks: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(pack({"n": n}, block) for n, block in enumerate(blocks))
    unpacker, got, at = Unpacker(), [], 0
    for cut in [*cuts, len(stream)]:
        got += unpacker.feed(stream[at : at + cut])
        at += cut
    assert got == [({"n": n}, block) for n, block in enumerate(blocks)]


@pytest.mark.parametrize("noise", [HEAD.pack(LIMIT, LIMIT), HEAD.pack(3, 0) + b"{{{"])
def test_nonsense_is_refused(noise: bytes) -> None:
    with pytest.raises(ValueError):
        Unpacker().feed(noise)


def test_numpy_numbers_cross_and_objects_do_not() -> None:
    header, _ = crossed(pack({"a": np.float32(0.5), "b": np.int64(3), "c": math.inf}))
    assert header == {"a": 0.5, "b": 3, "c": math.inf}
    with pytest.raises(TypeError, match="object cannot cross"):
        pack({"a": object()})


@pytest.mark.parametrize(
    "values",
    [
        {"suspicion": 7.0},
        {"suspicion": math.nan},
        {"class_probs": {"benign": -0.5}},
        {"area_px": math.inf},
        {"area_mm2": -1.0},
        {"box_px": (30, 2, 1, 40)},
    ],
)
def test_a_region_that_cannot_be_is_not_believed(values: dict[str, object]) -> None:
    message = analysis_to(analysed(dataclasses.replace(region(5, 1), **values)))  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        analysis_from(*crossed(message), ORIGIN)


@pytest.mark.parametrize("points", [-5.0, 0.0, 6.0, math.inf])
def test_an_outline_of_another_length_is_not_believed(points: float) -> None:
    header, block = crossed(analysis_to(analysed(region(5, 1))))
    at = 16 + 8 * (6 + 2 + 1)  # ids; age, flag, grade, grey, two stages, one probability
    assert np.frombuffer(block, "<f8", 1, at)[0] == 5.0
    spoilt = block[:at] + np.float64(points).tobytes() + block[at + 8 :]
    with pytest.raises((ValueError, OverflowError)):
        analysis_from(header, spoilt, ORIGIN)


@pytest.mark.parametrize("values", [{"age_ms": math.nan}, {"stages_ms": {"guard": -1.0}}])
def test_times_that_cannot_be_are_not_believed(values: dict[str, object]) -> None:
    message = analysis_to(dataclasses.replace(analysed(), **values))  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        analysis_from(*crossed(message), ORIGIN)
