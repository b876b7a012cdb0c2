from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sonoedge.bundle import read_bundle
from sonoedge.bundle.identity import manifest_text
from sonoedge.certainty import CalibratedOn, Certainty
from sonoedge.cli import main
from sonoedge.measure import NAMES
from sonoedge.recalibration import SCHEMA, Recalibration

TINY = Path(__file__).parents[2] / "data/tiny"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The small bundle, with measures and words."""
    folder = tmp_path / "bundle"
    shutil.copytree(TINY, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    groups = ["shape", "margin", "first_order", "glcm", "glrlm", "laws", "wavelet"]
    manifest["measure"] = {"groups": groups, "diameter_px": 64, "words": "breast"}
    (folder / "manifest.json").write_text(manifest_text(manifest))
    return folder


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Speckle with a dark spot, which is what the small network looks for."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(110, 190, (256, 384)).astype(np.float64)
    y, x = np.mgrid[0:256, 0:384]
    pixels[((x - 200) / 60) ** 2 + ((y - 110) / 45) ** 2 < 1] *= 0.15
    file = tmp_path / "spot.png"
    cv2.imwrite(str(file), cv2.GaussianBlur(pixels, (0, 0), 1.5).astype(np.uint8))
    return file


def described(words: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    assert main(["describe", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_regions_are_told_in_words_within_80_columns(
    bundle: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["describe", str(bundle), str(picture)]) == 0
    printed = capsys.readouterr().out
    assert "region 1: " in printed
    assert "Outline " in printed
    assert max(map(len, printed.splitlines())) <= 80


def test_the_overlay_shows_the_frame_with_its_region(
    bundle: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "drawn.png"
    assert main(["describe", str(bundle), str(picture), "--overlay", str(file)]) == 0
    drawn = cv2.imread(str(file))
    assert drawn is not None
    assert drawn.shape[1] >= 600
    assert (np.ptp(drawn.astype(int), axis=2) > 60).any()  # a contour has colour


@pytest.mark.parametrize(
    ("name", "token"), [("drawn.jpg", "INVALID_SETTINGS"), ("spot.png/drawn.png", "OUTPUT_ERROR")]
)
def test_an_overlay_that_cannot_be_written_is_refused(
    bundle: Path,
    picture: Path,
    tmp_path: Path,
    name: str,
    token: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["describe", str(bundle), str(picture), "--overlay", str(tmp_path / name)]) == 2
    assert f"{token}: " in capsys.readouterr().err
    assert not (tmp_path / name).is_file()


def test_json_has_every_measure_and_the_analysis(
    bundle: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = described([str(bundle), str(picture)], capsys)
    assert len(data["descriptions"]) == len(data["analysis"]["regions"]) >= 1
    first = data["descriptions"][0]
    assert first["described"] is True
    assert tuple(first["measures"]) == NAMES
    assert first["sentence"].startswith("Outline ")
    assert data["analysis"]["file"] == "spot.png"


def test_a_frame_that_is_not_analysed_is_not_described(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    black = tmp_path / "black.png"
    cv2.imwrite(str(black), np.zeros((256, 384), dtype=np.uint8))
    assert main(["describe", str(bundle), str(black)]) == 7
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "NOTHING_ANALYSED" in captured.err


def test_a_frame_without_a_region_says_so(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grey = np.random.default_rng(1).integers(120, 200, (256, 384))
    file = tmp_path / "plain.png"
    cv2.imwrite(str(file), cv2.GaussianBlur(grey.astype(np.uint8), (0, 0), 1.5))
    assert main(["describe", str(bundle), str(file)]) == 0
    assert capsys.readouterr().out == "No region was found.\n"


def test_a_bundle_that_measures_nothing_is_refused(
    picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["describe", str(TINY), str(picture)]) == 2
    assert "[measure]" in capsys.readouterr().err


@pytest.mark.parametrize("link", [False, True])
def test_the_overlay_never_takes_the_place_of_the_frame(
    bundle: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], link: bool
) -> None:
    before, place = picture.read_bytes(), tmp_path / "link.png" if link else picture
    if link:
        place.symlink_to(picture)
    assert main(["describe", str(bundle), str(picture), "--overlay", str(place)]) == 2
    assert "--overlay would overwrite what is read" in capsys.readouterr().err
    assert picture.read_bytes() == before


def test_an_empty_name_is_not_the_folder_that_one_is_in(
    bundle: Path,
    picture: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(picture.parent)
    assert main(["describe", str(bundle), ""]) == 6
    assert "the source's name is empty" in capsys.readouterr().err


def test_of_a_folder_the_file_that_was_taken_is_named(
    bundle: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name in ("b.png", "a.png"):
        shutil.copy(picture, folder / name)
    assert main(["describe", str(bundle), str(folder)]) == 0
    assert capsys.readouterr().out.startswith("a.png, the first of this folder:\nregion 1: ")
    assert described([str(bundle), str(folder)], capsys)["analysis"]["file"] == "a.png"


def recalibrated(file: Path, bundle_id: str, variant: str) -> Path:
    """Thresholds under which every suspicion excludes benign."""
    on = CalibratedOn(name="own", sha256="0" * 64, patients=40, malignant=20, benign=20)
    own = Certainty(alpha=0.1, benign_up_to=0.0, malignant_from=0.0, calibrated_on=on)
    made = Recalibration(schema=SCHEMA, bundle_id=bundle_id, variant=variant, certainty=own)
    file.write_text(made.text())
    return file


def test_thresholds_of_ones_own_take_the_place_of_the_bundles(
    bundle: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(bundle), str(picture), "--variant", "onnxruntime-fp32"]
    assert described(words, capsys)["descriptions"][0]["certainty"] is None
    own = recalibrated(
        tmp_path / "own.json", read_bundle(bundle).manifest.bundle_id, "onnxruntime-fp32"
    )
    first = described([*words, "--certainty", str(own)], capsys)["descriptions"][0]
    assert first["certainty"] == "malignant only"


def test_thresholds_of_another_bundle_are_refused(
    bundle: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = recalibrated(tmp_path / "own.json", "another-1-0", "onnxruntime-fp32")
    assert main(["describe", str(bundle), str(picture), "--certainty", str(own)]) == 2
    assert "calibrated with onnxruntime-fp32 of another-1-0, not with" in capsys.readouterr().err
