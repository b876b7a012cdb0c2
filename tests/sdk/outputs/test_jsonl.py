from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sonoedge.analysis import Analysed, FrameGrade, Line, NotAnalysed, Origin, Reason, Region
from sonoedge.errors import OutputError
from sonoedge.outputs.jsonl import JsonLines, line, record

ORIGIN = Origin(
    bundle_id="breast-1.0-0123abcd",
    engine_sha256="0" * 64,
    runtime="onnxruntime",
    precision="fp32",
    variant="onnxruntime-fp32",
)
REGION = Region(
    contour_px=np.array([[10, 20], [30, 20], [30, 50]], dtype=np.int32),
    box_px=(10, 20, 31, 51),
    area_px=300.0,
    area_mm2=None,
    box_mm=None,
    suspicion=0.75,
    class_probs={"benign": 0.25, "malignant": 0.75},
    flagged=True,
)


def analysed(**changes: Any) -> Analysed:
    values: dict[str, Any] = {
        "frame_id": 3,
        "captured_ns": 1_000,
        "age_ms": 14.25,
        "stages_ms": {"guard": 0.125, "preprocess": 0.25, "engine": 13.5, "postprocess": 0.25},
        "origin": ORIGIN,
        "regions": (REGION,),
        "class_probs": {},
    }
    return Analysed(**{**values, **changes})


def refused(**changes: Any) -> NotAnalysed:
    values: dict[str, Any] = {
        "frame_id": 4,
        "captured_ns": 2_000,
        "age_ms": 0.5,
        "stages_ms": {"guard": 0.125},
        "origin": ORIGIN,
        "reasons": (Reason.SATURATED,),
    }
    return NotAnalysed(**{**values, **changes})


def read(text: str | bytes) -> Any:
    """Strict JSON: NaN and Infinity are refused."""

    def refuse(word: str) -> None:
        raise ValueError(word)

    return json.loads(text, parse_constant=refuse)


def test_an_analysed_frame_is_written_with_all_that_is_known_of_it() -> None:
    moment = 1_790_000_000_123_456_789
    assert read(line(analysed(), file="a.png", captured_at_ns=moment)) == {
        "schema_version": 1,
        "frame": 3,
        "file": "a.png",
        "source_sha256": None,
        "captured_at": "2026-09-21T14:13:20.123Z",
        "captured_ns": 1_000,
        "recorded_ns": None,
        "outcome": "analysed",
        "reasons": [],
        "detail": "",
        "flagged": True,
        "temporal_flag": None,
        "suspicion": 0.75,
        "localised": True,
        "regions": [
            {
                "box_px": [10, 20, 31, 51],
                "contour_px": [[10, 20], [30, 20], [30, 50]],
                "area_px": 300.0,
                "area_mm2": None,
                "box_mm": None,
                "suspicion": 0.75,
                "class_probs": {"benign": 0.25, "malignant": 0.75},
                "flagged": True,
                "track_id": None,
                "track_flagged": False,
                "line": None,
            }
        ],
        "class_probs": {},
        "age_ms": 14.25,
        "stages_ms": {
            "guard": 0.125,
            "preprocess": 0.25,
            "engine": 13.5,
            "postprocess": 0.25,
            "tracker": None,
        },
        "runtime": "onnxruntime",
        "precision": "fp32",
        "variant": "onnxruntime-fp32",
        "bundle_id": "breast-1.0-0123abcd",
        "frame_path": "python",
        "placement": "free",
    }


@pytest.mark.req("R5")
def test_a_refused_frame_has_reasons_and_is_neither_flagged_nor_clear() -> None:
    data = read(line(refused(detail="half of the pixels are white")))
    assert data["outcome"] == "not_analysed"
    assert data["reasons"] == ["SATURATED"]
    assert data["detail"] == "half of the pixels are white"
    assert data["flagged"] is None
    assert data["suspicion"] is None
    assert data["regions"] is None, "[] would read as nothing found"


def test_a_frame_in_which_nothing_was_found_has_an_empty_list_of_regions() -> None:
    data = read(line(analysed(regions=())))
    assert data["regions"] == []
    assert data["suspicion"] is None


def test_a_network_that_does_not_localise_has_no_list_of_regions() -> None:
    data = read(line(analysed(regions=(), grade=FrameGrade(suspicion=0.5, flagged=True))))
    assert data["localised"] is False
    assert data["regions"] is None
    assert (data["suspicion"], data["flagged"]) == (0.5, True)


def test_the_time_of_capture_is_on_the_wall_clock(tmp_path: Path) -> None:
    path = tmp_path / "frames.jsonl"
    with JsonLines(path, wall_ns=lambda: 5_000_000_000, clock_ns=lambda: 2_000_001_000) as file:
        file.write(analysed(), "clip.mp4")
    data = read(path.read_bytes())
    assert data["captured_at"] == "1970-01-01T00:00:03.000Z"  # captured 2 s before
    assert data["file"] == "clip.mp4"


def test_a_time_that_no_calendar_has_is_null() -> None:
    assert record(analysed(), captured_at_ns=2**63)["captured_at"] is not None
    assert record(analysed(), captured_at_ns=-(2**80))["captured_at"] is None


def test_every_key_stands_in_the_documentation(repository: Path) -> None:
    page = (repository / "docs" / "reference" / "jsonl.md").read_text()
    data = record(analysed())
    for key in (*data, *data["regions"][0], *data["stages_ms"]):
        assert f"`{key}`" in page, key


def test_every_line_has_the_same_keys_and_stages_not_reached_are_null() -> None:
    assert list(record(refused())) == list(record(analysed()))
    assert record(refused())["stages_ms"] == {
        "guard": 0.125,
        "preprocess": None,
        "engine": None,
        "postprocess": None,
        "tracker": None,
    }


def test_numpy_scalars_become_plain_numbers() -> None:
    region = Region(
        contour_px=REGION.contour_px,
        box_px=tuple(np.array([1, 2, 3, 4], dtype=np.int32)),
        area_px=np.float32(2.5),
        area_mm2=np.float64(0.5),
        box_mm=(np.float32(1.5), np.float32(2.5)),
        suspicion=np.float32(0.5),
        class_probs={"malignant": np.float32(0.5)},
        flagged=np.bool_(True),  # type: ignore[arg-type]
        track_id=np.int64(9),
    )
    data = read(line(analysed(regions=(region,), frame_id=np.int64(3))))
    assert data["frame"] == 3
    assert data["regions"][0] == {
        "box_px": [1, 2, 3, 4],
        "contour_px": REGION.contour_px.tolist(),
        "area_px": 2.5,
        "area_mm2": 0.5,
        "box_mm": [1.5, 2.5],
        "suspicion": 0.5,
        "class_probs": {"malignant": 0.5},
        "flagged": True,
        "track_id": 9,
        "track_flagged": False,
        "line": None,
    }


def test_a_line_is_written_with_its_ends() -> None:
    shaft = Line(ends_px=((1.5, 2.0), (4.5, 6.0)), angle_deg=53.25, length_px=5.0, length_mm=None)
    data = read(line(analysed(regions=(dataclasses.replace(REGION, line=shaft),))))
    assert data["regions"][0]["line"] == {
        "ends_px": [[1.5, 2.0], [4.5, 6.0]],
        "angle_deg": 53.25,
        "length_px": 5.0,
        "length_mm": None,
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_not_finite_is_null(value: float) -> None:
    data = read(line(analysed(age_ms=value, class_probs={"benign": value})))
    assert data["age_ms"] is None
    assert data["class_probs"] == {"benign": None}


def test_a_file_holds_one_line_per_frame_and_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "frames.jsonl"
    path.write_text("older and much longer than what follows\n" * 99)
    with JsonLines(path) as lines:
        lines.write(analysed())
        lines.write(refused())
    rows = path.read_bytes().splitlines(keepends=True)
    assert [read(row)["frame"] for row in rows] == [3, 4]
    assert rows[-1].endswith(b"}\n")


def test_a_line_is_in_the_file_before_the_next_frame(tmp_path: Path) -> None:
    path = tmp_path / "frames.jsonl"
    with JsonLines(path) as lines:
        lines.write(analysed())
        assert read(path.read_bytes())["frame"] == 3


def test_a_killed_run_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "frames.jsonl"
    script = f"""
import numpy as np, itertools, dataclasses
from sonoedge.analysis import *
from sonoedge.outputs.jsonl import JsonLines
origin = Origin(bundle_id="b", engine_sha256="", runtime="r", precision="p", variant="v")
contour = np.full((4000, 2), 123456, dtype=np.int32)  # lines longer than any buffer
region = Region(contour_px=contour, box_px=(0, 0, 1, 1), area_px=1.0, area_mm2=None, box_mm=None,
                suspicion=0.5, class_probs={{}}, flagged=False)
with JsonLines({str(path)!r}) as lines:
    for i in itertools.count():
        lines.write(Analysed(frame_id=i, captured_ns=0, age_ms=1.0, stages_ms={{}}, origin=origin,
                             regions=(region,), class_probs={{}}))
        if i == 20:
            print("going", flush=True)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"going\n"
        process.send_signal(signal.SIGKILL)
    text = path.read_bytes()
    assert text.endswith(b"\n")
    frames = [read(one)["frame"] for one in text.splitlines()]
    assert len(frames) > 20
    assert frames == list(range(len(frames)))


def test_a_file_that_cannot_be_opened_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(
        OutputError, match=r"cannot write .*its folder does not exist; make it first"
    ):
        JsonLines(tmp_path / "absent" / "frames.jsonl")
    with pytest.raises(OutputError, match="Is a directory"):
        JsonLines(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_our_error() -> None:
    with JsonLines("/dev/full") as lines, pytest.raises(OutputError, match="No space left"):
        lines.write(analysed())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_reader_that_goes_away_is_a_broken_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: path.open("rb").close())
    reader.start()
    with JsonLines(path) as lines:
        reader.join()
        with pytest.raises(BrokenPipeError):
            lines.write(analysed())
