from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

import sonoedge
from scope_samples import TEXTURED, speckle, stripes, write_pictures
from sonoedge.analysis import Analysed, NotAnalysed, Reason
from sonoedge.bundle import Bundle, read_bundle
from sonoedge.cli import main
from sonoedge.frames import Frame
from sonoedge.outputs.jsonl import record
from sonoedge.outputs.overlay import draw
from sonoedge.outputs.wording import picture_line
from sonoedge.scope.file import scope_file
from sonoedge.trust.policy import TrustPolicy
from sonoedge.view.message import picture_message

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

Pictures = Callable[[str, Callable[[int], np.ndarray], range], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEXTURED, tmp_path / "bundle"))


@pytest.fixture
def bundle(folder: Path) -> Bundle:
    return read_bundle(folder, trust=TrustPolicy())


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    return lambda name, make, numbers: write_pictures(tmp_path / name, make, numbers)


@pytest.fixture
def sets(pictures: Pictures) -> tuple[str, str]:
    """Ten frames of something else, and forty in scope."""
    return (
        str(pictures("away", stripes, range(10))),
        str(pictures("here", speckle, range(40))),
    )


def flat_stripes(number: int) -> np.ndarray:
    """As stripes, from top to bottom."""
    return cv2.resize(stripes(number).T, (160, 120))


def words(folder: Path, sets: tuple[str, str], name: str = "bone") -> list[str]:
    return ["teach-scope", str(folder), sets[0], "--in-scope", sets[1], "--name", name]


@pytest.mark.req("R79")
def test_ten_frames_stop_the_rest_and_no_frame_in_scope(
    folder: Path,
    sets: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sonoedge.open(folder, tracking=False).analyse(Frame(pixels=stripes(50)))
    assert isinstance(before, Analysed)
    assert main(words(folder, sets)) == 0
    assert "bone is taught" in capsys.readouterr().out
    with sonoedge.open(folder, tracking=False) as analyser:
        assert "taught here to leave alone: bone" in analyser.choice
        away = [analyser.analyse(Frame(pixels=stripes(n))) for n in range(50, 90)]
        here = [analyser.analyse(Frame(pixels=speckle(n))) for n in range(50, 90)]
    assert [a.reasons for a in away if isinstance(a, NotAnalysed)] == [
        (Reason.OUT_OF_TAUGHT_SCOPE,)
    ] * 40
    assert all(isinstance(a, Analysed) for a in here)


@pytest.mark.req("R79")
def test_a_stopped_frame_reads_as_not_analysed_in_every_output(
    folder: Path,
    sets: tuple[str, str],
) -> None:
    assert main(words(folder, sets)) == 0
    frame = Frame(pixels=stripes(50))
    with sonoedge.open(folder, tracking=False) as analyser:
        stopped = analyser.analyse(frame)
    line = record(stopped)
    assert line["outcome"] == "not_analysed"
    assert line["reasons"] == ["OUT_OF_TAUGHT_SCOPE"]
    assert line["detail"].startswith("taught bone")
    assert picture_line("a.png", stopped).startswith(
        "a.png  NOT ANALYSED: OUT_OF_TAUGHT_SCOPE (taught bone"
    )
    other = dataclasses.replace(stopped, reasons=(Reason.OUT_OF_SCOPE,))
    assert (draw(frame, stopped) != draw(frame, other)).any()
    shown = json.loads(picture_message(None, frame, stopped, 0.0)[4:])
    assert shown["words"] == "out of taught scope (taught bone)"


def test_several_scopes_stand_side_by_side_and_each_can_be_removed(
    folder: Path,
    sets: tuple[str, str],
    pictures: Pictures,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flat = pictures("flat", flat_stripes, range(12))
    assert main(words(folder, sets)) == 0
    assert main(words(folder, (str(flat), sets[1]), "tendon")) == 0
    assert main(words(folder, sets)) == 0  # again: it takes the old one's place
    capsys.readouterr()
    assert main(["teach-scope", str(folder), "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in listed] == ["tendon", "bone"]
    assert "prototype" not in listed[0]
    assert main(["teach-scope", str(folder), "--remove", "bone"]) == 0
    with sonoedge.open(folder, tracking=False) as analyser:
        left = analyser.analyse(Frame(pixels=flat_stripes(60)))
    assert isinstance(left, NotAnalysed)
    assert left.detail.startswith("taught tendon")
    assert main(["teach-scope", str(folder), "--remove", "tendon"]) == 0
    assert main(["teach-scope", str(folder), "--remove", "tendon"]) == 2
    capsys.readouterr()
    assert main(["teach-scope", str(folder), "--list"]) == 0
    assert "nothing is taught" in capsys.readouterr().out


def test_a_damaged_file_stops_opening_until_all_is_removed(
    folder: Path,
    bundle: Bundle,
    sets: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(words(folder, sets)) == 0
    file = scope_file(bundle)
    file.write_text(file.read_text().replace("bone", "skin"))
    assert main(["run", str(folder), sets[0]]) == 5
    assert "SCOPE_MISMATCH" in capsys.readouterr().err
    assert main(["inspect", str(folder)]) == 0
    assert "taught here     unusable: scope.json" in capsys.readouterr().out
    assert main(["teach-scope", str(folder), "--remove-all"]) == 0
    assert main(["run", str(folder), sets[1]]) == 0


def test_inspect_names_what_is_taught(
    folder: Path, sets: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["taught"] == []
    assert main(words(folder, sets)) == 0
    capsys.readouterr()
    assert main(["inspect", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["taught"] == ["bone"]


def test_bad_requests_are_refused_and_nothing_is_written(
    folder: Path,
    bundle: Bundle,
    repository: Path,
    sets: tuple[str, str],
    pictures: Pictures,
    capsys: pytest.CaptureFixture[str],
) -> None:
    away, here = sets
    few = str(pictures("few", stripes, range(9)))
    few_here = str(pictures("few-here", speckle, range(29)))
    repeated = str(pictures("repeated", lambda n: stripes(n % 5), range(20)))
    alike = str(pictures("alike", speckle, range(100, 115)))
    broken = pictures("broken", stripes, range(12))
    (broken / "000.png").write_bytes(b"no picture")
    dark = str(pictures("dark", lambda n: np.full((120, 160), n % 5, np.uint8), range(12)))
    for frames, in_scope, code, message in (
        (few, here, 2, "9 different frames to be taught"),
        (away, few_here, 2, "29 different frames in scope"),
        (repeated, here, 2, "15 repeated others"),
        (dark, here, 2, "were stopped before the network"),
        (here, here, 2, "40 of the frames to be taught are among the frames in scope"),
        (alike, here, 3, "would be stopped"),
        (str(broken), here, 6, "000.png"),
        (str(broken / "none.png"), here, 6, "none.png"),
    ):
        words = ["teach-scope", str(folder), frames, "--in-scope", in_scope, "--name", "x"]
        assert main(words) == code, message
        assert message in capsys.readouterr().err
    plain = str(repository / "tests/data/tiny")
    words = ["teach-scope", plain, away, "--in-scope", here, "--name", "x"]
    assert main(words) == 4
    assert "EMBEDDING_MISSING" in capsys.readouterr().err
    for missing in ([away, "--name", "x"], [away, "--in-scope", here], [away]):
        assert main(["teach-scope", str(folder), *missing]) == 2
    assert main(["teach-scope", str(folder), away, "--in-scope", here, "--name", "a b"]) == 2
    assert not scope_file(bundle).exists()


def test_of_a_longer_source_fifty_are_taught_and_the_others_tell_what_it_does(
    folder: Path,
    sets: tuple[str, str],
    pictures: Pictures,
    capsys: pytest.CaptureFixture[str],
) -> None:
    long = str(pictures("long", stripes, range(64)))
    assert main([*words(folder, (long, sets[1])), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["frames"], printed["others"], printed["others_stopped"]) == (50, 14, 14)


@pytest.mark.parametrize("asked", [["--list", "--remove-all"], ["--remove", "a", "--remove-all"]])
def test_what_contradicts_itself_removes_nothing(
    folder: Path,
    sets: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    asked: list[str],
) -> None:
    assert main(words(folder, sets)) == 0
    with pytest.raises(SystemExit, match="2"):
        main(["teach-scope", str(folder), *asked])
    assert "not allowed with" in capsys.readouterr().err
    assert main(["teach-scope", str(folder), "--list"]) == 0
    assert "bone" in capsys.readouterr().out
