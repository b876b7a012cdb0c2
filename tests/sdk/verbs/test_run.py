from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np
import pytest

from sonoedge import EngineOptions, cli, sources
from sonoedge.analysis import Analysed, Analysis, NotAnalysed, Origin, Reason, Region
from sonoedge.engines import open as opening
from sonoedge.errors import (
    BundleNotFound,
    InvalidSettings,
    NothingAnalysed,
    OutputError,
    SourceError,
)
from sonoedge.frames import Frame
from sonoedge.verbs.run import run

ORIGIN = Origin(
    bundle_id="breast-1.0-0123abcd",
    engine_sha256="0" * 64,
    runtime="onnxruntime",
    precision="fp32",
    variant="onnxruntime-fp32",
)
STAGES = {"guard": 0.25, "preprocess": 0.5, "engine": 8.0, "postprocess": 0.25}


class StubAnalyser:
    """Flags every frame but dark ones, which it refuses."""

    origin = ORIGIN
    choice = "onnxruntime-fp32: asked for"

    def __init__(self) -> None:
        self.frames = 0
        self.closed = False
        self.before: Callable[[int], None] = lambda frame_id: None
        self.localises = True
        self.forgotten = 0

    def forget(self) -> None:
        self.forgotten += 1

    def analyse(self, frame: Frame) -> Analysis:
        self.before(self.frames)
        common: dict[str, Any] = {
            "frame_id": self.frames,
            "captured_ns": frame.captured_ns,
            "age_ms": 9.0,
            "origin": ORIGIN,
        }
        self.frames += 1
        if not frame.pixels.any():
            return NotAnalysed(reasons=(Reason.CONSTANT,), stages_ms={"guard": 0.25}, **common)
        region = Region(
            contour_px=np.array([[10, 10], [30, 10], [30, 30]], dtype=np.int32),
            box_px=(10, 10, 31, 31),
            area_px=200.0,
            area_mm2=None,
            box_mm=None,
            suspicion=0.75,
            class_probs={"malignant": 0.75},
            flagged=True,
        )
        return Analysed(stages_ms=STAGES, regions=(region,), class_probs={}, **common)

    def __enter__(self) -> StubAnalyser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closed = True


@pytest.fixture
def analyser(monkeypatch: pytest.MonkeyPatch) -> StubAnalyser:
    """What every bundle opens as; `asked` is how it was asked for."""
    stub = StubAnalyser()

    def opened(bundle: str, **asked: Any) -> StubAnalyser:
        if bundle == "absent":
            raise BundleNotFound("there is no bundle")
        stub.asked = asked  # type: ignore[attr-defined]
        return stub

    monkeypatch.setattr(opening, "open", opened)
    return stub


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Five pictures; the third is dark."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i, level in enumerate((90, 90, 0, 90, 90)):
        cv2.imwrite(str(folder / f"{i}.png"), np.full((48, 64), level, dtype=np.uint8))
    return folder


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_frame_becomes_a_line_and_an_overlay_picture(
    analyser: StubAnalyser, pictures: Path, tmp_path: Path
) -> None:
    out, overlay = tmp_path / "frames.jsonl", tmp_path / "overlay"
    code = run(["bundle", str(pictures), "--jsonl", str(out), "--overlay", str(overlay)])
    assert code == 0
    lines = read_lines(out)
    assert [line["frame"] for line in lines] == [0, 1, 2, 3, 4]
    assert [line["outcome"] for line in lines] == [
        "analysed", "analysed", "not_analysed", "analysed", "analysed",
    ]  # fmt: skip
    assert lines[2]["reasons"] == ["CONSTANT"]
    assert sorted(file.name for file in overlay.iterdir()) == [f"{i}.png" for i in range(5)]
    assert [line["file"] for line in lines] == [f"{i}.png" for i in range(5)]
    assert analyser.closed


def test_a_folder_of_stills_gets_a_line_per_picture_and_no_tracking(
    analyser: StubAnalyser, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bundle", str(pictures)]) == 0
    out, err = capsys.readouterr()
    rows = out.splitlines()
    assert rows[0] == (
        "0.png  FLAG: 1 suspicious region; suspicion 0.75 malignant, "
        "box 10,10 to 31,31 px (21 x 21)"
    )
    assert rows[2] == "2.png  NOT ANALYSED: CONSTANT"
    assert analyser.asked["tracking"] is False  # type: ignore[attr-defined]
    assert analyser.forgotten == 5
    assert "taken as stills" in err


def test_a_folder_whose_rate_is_given_is_a_recording(
    analyser: StubAnalyser, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bundle", str(pictures), "--fps", "25"]) == 0
    assert analyser.asked["tracking"] is True  # type: ignore[attr-defined]
    assert analyser.forgotten == 0
    out, err = capsys.readouterr()
    assert "0.png" not in out
    assert "stills" not in err


def test_one_picture_is_a_still(
    analyser: StubAnalyser, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bundle", str(pictures / "0.png")]) == 0
    assert capsys.readouterr().out.startswith("0.png  FLAG: 1 suspicious region")
    assert analyser.asked["tracking"] is False  # type: ignore[attr-defined]


def test_json_lines_go_to_standard_output_alone_and_the_rest_is_kept_out_of_them(
    analyser: StubAnalyser, pictures: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["bundle", str(pictures), "--jsonl", "-"]) == 0
    out, err = capfd.readouterr()
    assert [json.loads(row)["frame"] for row in out.splitlines()] == [0, 1, 2, 3, 4]
    assert "analysed      4" in err
    assert not Path("-").exists()
    with pytest.raises(InvalidSettings, match="standard output"):
        run(["bundle", str(pictures), "--jsonl", "-", "--json"])
    with pytest.raises(InvalidSettings, match="--overlay writes pictures"):
        run(["bundle", str(pictures), "--overlay", "-"])


def test_a_run_in_which_every_frame_is_refused_says_what_may_help_with_its_own_exit_code(
    analyser: StubAnalyser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dark = tmp_path / "dark"
    dark.mkdir()
    for i in range(3):
        cv2.imwrite(str(dark / f"{i}.png"), np.zeros((48, 64), dtype=np.uint8))
    assert cli.main(["run", "bundle", str(dark)]) == NothingAnalysed.exit_code == 7
    out, err = capsys.readouterr()
    assert "not analysed  3: CONSTANT 3" in out
    assert "NOTHING_ANALYSED: not one of 3 frames was analysed: CONSTANT 3; one grey level" in err


def test_an_explanation_of_a_network_that_has_no_map_is_refused(
    analyser: StubAnalyser, pictures: Path, tmp_path: Path
) -> None:
    analyser.localises = False
    with pytest.raises(InvalidSettings, match="classifies alone"):
        run(["bundle", str(pictures), "--explain", "--overlay", str(tmp_path / "out")])


def test_an_overlay_video_has_a_picture_per_frame(
    analyser: StubAnalyser, pictures: Path, tmp_path: Path
) -> None:
    path = tmp_path / "overlay.mp4"
    assert run(["bundle", str(pictures), "--overlay", str(path), "--fps", "5"]) == 0
    video = cv2.VideoCapture(str(path))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 5
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(5)
    video.release()


def test_the_summary_counts_and_the_choice_is_said(
    analyser: StubAnalyser, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bundle", str(pictures)]) == 0
    out, err = capsys.readouterr()
    assert err.endswith("variant onnxruntime-fp32: asked for\n")
    assert "analysed      4, of these suspicious 4\n" in out
    assert "not analysed  1: CONSTANT 1\n" in out
    assert "engine            8.00      8.00\n" in out


def test_a_machine_gets_the_summary_as_one_json_object(
    analyser: StubAnalyser, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bundle", str(pictures), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    expected = {
        "frames": 5,
        "analysed": 4,
        "not_analysed": 1,
        "not_analysed_by_reason": {"CONSTANT": 1},
        "flagged": 4,
        "total_ms": {"p50": 9.0, "p99": 9.0},
        "ended": "source ended",
        "source": "pictures",
        "runtime": "onnxruntime",
        "precision": "fp32",
        "variant": "onnxruntime-fp32",
        "bundle_id": "breast-1.0-0123abcd",
        "choice": "onnxruntime-fp32: asked for",
    }
    assert {key: report[key] for key in expected} == expected


def test_a_limit_ends_the_run_there(
    analyser: StubAnalyser, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bundle", str(pictures), "--limit", "2", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["frames"] == analyser.frames == 2
    assert report["ended"] == "limit"


@pytest.mark.req("R28")
def test_what_was_asked_of_the_engine_is_what_is_opened(
    analyser: StubAnalyser, pictures: Path
) -> None:
    words = ["--runtime", "openvino", "--variant", "v", "--threads", "2", "--spin", "--keep-warm"]
    run(["b", str(pictures), *words, "--fps", "25"])
    assert analyser.asked == {  # type: ignore[attr-defined]
        "engine": EngineOptions(
            runtime="openvino", variant="v", threads=2, spin=True, keep_warm=True
        ),
        "tracking": True,
        "explain": False,
    }


def test_stills_are_not_tracked_though_their_rate_is_known(
    analyser: StubAnalyser, pictures: Path
) -> None:
    run(["b", str(pictures), "--stills", "--fps", "25"])
    assert analyser.asked["tracking"] is False  # type: ignore[attr-defined]


def test_a_terminated_run_finishes_its_video_and_sums_up_what_was_done(
    analyser: StubAnalyser, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def terminate(frame_id: int) -> None:
        if frame_id == 3:
            signal.raise_signal(signal.SIGTERM)

    analyser.before = terminate
    overlay = tmp_path / "overlay.mp4"
    assert run(["b", str(pictures), "--json", "--overlay", str(overlay)]) == 143
    report = json.loads(capsys.readouterr().out)
    assert (report["ended"], report["frames"]) == ("terminated", 3)
    video = cv2.VideoCapture(str(overlay))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 3
    video.release()
    assert analyser.closed
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_explanation_is_asked_of_the_analyser_and_needs_an_overlay(
    analyser: StubAnalyser, pictures: Path, tmp_path: Path
) -> None:
    with pytest.raises(InvalidSettings, match="--overlay"):
        run(["bundle", str(pictures), "--explain"])
    run(["bundle", str(pictures), "--explain", "--overlay", str(tmp_path / "out")])
    assert analyser.asked["explain"] is True  # type: ignore[attr-defined]


def test_an_overlay_of_no_known_kind_is_refused_before_any_output_is_opened(
    analyser: StubAnalyser, pictures: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results.jsonl"
    results.write_text("of the run before\n")
    words = ["--overlay", str(tmp_path / "drawn.png"), "--jsonl", str(results)]
    with pytest.raises(InvalidSettings, match=r"drawn\.png is neither: end the name in \.webm"):
        run(["bundle", str(pictures), *words])
    assert results.read_text() == "of the run before\n"


def test_live_draws_no_overlay(analyser: StubAnalyser, pictures: Path) -> None:
    with pytest.raises(InvalidSettings, match="--live draws no overlay"):
        run(["b", str(pictures), "--live", "--overlay", "folder"])


def test_pace_and_rate_are_asked_of_the_source(
    analyser: StubAnalyser, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    open_source = sources.open_source

    def listen(spec: str, **asked: Any) -> sources.Source:
        seen.append(asked)
        return open_source(spec, **asked)

    monkeypatch.setattr(sources, "open_source", listen)
    run(["bundle", str(pictures), "--realtime", "--fps", "1000"])
    asked = {"realtime": True, "fps": 1000.0, "continue_on_error": True, "spacing_mm": None}
    assert seen == [asked]


def test_an_interrupted_run_closes_its_files_and_sums_up_what_was_done(
    analyser: StubAnalyser, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(frame_id: int) -> None:
        if frame_id == 3:
            raise KeyboardInterrupt

    analyser.before = interrupt
    out, overlay = tmp_path / "frames.jsonl", tmp_path / "overlay.mp4"
    code = run(["b", str(pictures), "--json", "--jsonl", str(out), "--overlay", str(overlay)])
    assert code == 130
    report = json.loads(capsys.readouterr().out)
    assert report["ended"] == "interrupted"
    assert report["frames"] == len(read_lines(out)) == 3
    video = cv2.VideoCapture(str(overlay))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 3
    video.release()
    assert analyser.closed


def test_a_source_that_fails_keeps_what_was_analysed_and_is_the_error(
    analyser: StubAnalyser, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = "NDims = 3\nDimSize = 64 48 5\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
    cut = tmp_path / "cut.mha"
    cut.write_bytes(header.encode() + bytes(64 * 48 * 3 + 7))
    out = tmp_path / "frames.jsonl"
    with pytest.raises(SourceError, match=r"cut\.mha"):
        run(["bundle", str(cut), "--json", "--jsonl", str(out)])
    report = json.loads(capsys.readouterr().out)
    assert report["ended"] == "failed"
    assert report["frames"] == len(read_lines(out)) == 3
    assert analyser.closed


def test_a_picture_that_cannot_be_read_costs_no_other_and_is_an_error_at_the_end(
    analyser: StubAnalyser, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "3.png").write_bytes(b"no picture")
    (pictures / "4.png").write_bytes(b"no picture")
    out = tmp_path / "frames.jsonl"
    with pytest.raises(SourceError, match=r"not every file could be read: 3\.png .*, and 1 more"):
        run(["bundle", str(pictures), "--json", "--jsonl", str(out)])
    report = json.loads(capsys.readouterr().out)
    assert report["ended"] == "source ended"
    assert report["frames"] == len(read_lines(out)) == len(list(pictures.iterdir()))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error_with_its_exit_code(
    analyser: StubAnalyser, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["run", "bundle", str(pictures), "--jsonl", "/dev/full"])
    assert code == OutputError.exit_code
    assert "OUTPUT_ERROR: cannot write /dev/full: No space left" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["bundle", "source"])
def test_an_earlier_result_is_neither_lost_nor_left_where_it_reads_as_of_this_run(
    wrong: str,
    analyser: StubAnalyser,
    pictures: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, video = tmp_path / "frames.jsonl", tmp_path / "overlay.webm"
    out.write_text("earlier\n")
    video.write_bytes(b"earlier video")
    bundle = "absent" if wrong == "bundle" else "bundle"
    source = tmp_path / "absent" if wrong == "source" else pictures
    with pytest.raises((BundleNotFound, SourceError)):
        run([bundle, str(source), "--jsonl", str(out), "--overlay", str(video)])
    assert not out.exists()
    assert not video.exists()
    assert (tmp_path / "frames.jsonl.earlier").read_text() == "earlier\n"
    assert (tmp_path / "overlay.webm.earlier").read_bytes() == b"earlier video"
    assert "is of an earlier run; it is now" in capsys.readouterr().err


def test_an_earlier_result_that_was_set_aside_is_not_lost_to_the_next(tmp_path: Path) -> None:
    out = tmp_path / "frames.jsonl"
    for text in ("first", "second", "third"):
        out.write_text(text)
        with pytest.raises(SourceError):
            run(["bundle", str(tmp_path / "absent"), "--jsonl", str(out)])
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {
        "frames.jsonl.earlier": "first",
        "frames.jsonl.earlier-2": "second",
        "frames.jsonl.earlier-3": "third",
    }


@pytest.mark.parametrize("option", ["--jsonl", "--overlay"])
def test_neither_a_picture_of_the_folder_nor_the_bundle_is_overwritten(
    option: str, analyser: StubAnalyser, pictures: Path, tmp_path: Path
) -> None:
    picture = min(pictures.iterdir())
    before = picture.read_bytes()
    with pytest.raises(InvalidSettings, match=f"{option} would overwrite what is read"):
        run(["bundle", str(pictures), option, str(picture)])
    assert picture.read_bytes() == before
    manifest = tmp_path / "kept" / "manifest.json"
    manifest.parent.mkdir()
    manifest.write_text("{}")
    with pytest.raises(InvalidSettings, match=f"{option} lies in the bundle"):
        run([str(manifest.parent), str(pictures), option, str(manifest)])
    assert manifest.read_text() == "{}"


@pytest.mark.parametrize("option", ["--jsonl", "--overlay"])
def test_the_source_is_never_overwritten(
    option: str, analyser: StubAnalyser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"precious")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidSettings, match=f"{option} would overwrite what is read"):
        run(["bundle", str(clip), option, "clip.mp4"])
    assert clip.read_bytes() == b"precious"


def test_a_limit_below_one_is_refused(analyser: StubAnalyser, pictures: Path) -> None:
    with pytest.raises(InvalidSettings, match="--limit must be 1 or more"):
        run(["bundle", str(pictures), "--limit", "0"])


def test_an_unknown_runtime_is_refused_with_those_that_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(["bundle", "source", "--runtime", "tensorflow"])
    assert stopped.value.code == 2
    assert "onnxruntime" in capsys.readouterr().err


def test_the_overlay_is_of_the_frame_that_was_analysed(
    analyser: StubAnalyser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = (40, 80, 120)

    class Levels:
        name, count, fps, recorded = "levels", None, None, True
        unreadable: tuple[str, ...] = ()

        def __enter__(self) -> Levels:
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def __iter__(self) -> Iterator[Frame]:
            for level in levels:
                yield Frame(pixels=np.full((480, 720), level, dtype=np.uint8))

    monkeypatch.setattr(sources, "open_source", lambda spec, **asked: Levels())
    run(["bundle", "levels", "--overlay", str(tmp_path / "overlay")])
    for i, level in enumerate(levels):
        picture = cv2.imread(str(tmp_path / "overlay" / f"frame_{i:06d}.png"))
        assert picture is not None
        assert (picture[400] == level).all()


def test_a_file_without_frame_times_is_taken_as_stills_and_says_so(
    tmp_path: Path, analyser: StubAnalyser, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels = np.full((3, 8, 8), 90, np.uint8)
    header = "NDims = 3\nDimSize = 8 8 3\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
    (tmp_path / "a.mha").write_bytes(header.encode() + pixels.tobytes())
    run(["bundle", str(tmp_path / "a.mha")])
    assert (analyser.frames, analyser.forgotten) == (3, 3)
    assert analyser.asked["tracking"] is False  # type: ignore[attr-defined]
    assert "a.mha have no times and are taken as stills" in capsys.readouterr().err
    run(["bundle", str(tmp_path / "a.mha"), "--fps", "20"])
    assert analyser.asked["tracking"] is True  # type: ignore[attr-defined]
