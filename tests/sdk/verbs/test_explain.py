from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from archive_samples import TINY
from sonoedge.cli import main

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

ENGINE = ["--runtime", "onnxruntime"]


@pytest.fixture
def dark_disc(tmp_path: Path) -> Path:
    """A frame whose suspicion hangs on a small dark disc."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(140, 200, (128, 192), dtype=np.uint8)
    cv2.circle(pixels, (60, 64), 9, 12, -1)
    file = tmp_path / "disc.png"
    cv2.imwrite(str(file), pixels)
    return file


@pytest.mark.parametrize("method", ["occlusion", "lime"])
def test_a_map_lies_where_the_lesion_is(
    dark_disc: Path, capsys: pytest.CaptureFixture[str], method: str
) -> None:
    words = ["explain", str(TINY), str(dark_disc), "--method", method, "--json", *ENGINE]
    assert main(words) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["drawn"]
    assert printed["engine_calls"] <= 256
    assert printed["deletion"]["figure"] >= printed["deletion"]["needed"]
    weights = np.array(printed["map"])
    row, column = np.unravel_index(weights.argmax(), weights.shape)
    height, width = 128 / weights.shape[0], 192 / weights.shape[1]
    assert abs((row + 0.5) * height - 64) < 1.5 * height + 9
    assert abs((column + 0.5) * width - 60) < 1.5 * width + 9
    assert (printed["stability"] is None) == (method == "occlusion")


def test_the_page_holds_all_of_it_and_nothing_from_elsewhere(
    dark_disc: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert main(["explain", str(TINY), str(dark_disc), "--html", str(page), *ENGINE]) == 0
    text = page.read_text()
    assert "Map drawn: blurring what it calls important lowers the suspicion by" in text
    assert "data:image/png;base64," in text
    assert "disc" not in text
    assert "http" not in text
    assert "<script" not in text
    assert all(len(line) < 80 for line in capsys.readouterr().out.splitlines())


@pytest.mark.req("R80")
def test_a_map_no_better_than_chance_is_not_drawn_and_the_exit_code_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)  # all of it is lesion, and blur keeps its brightness
    cv2.imwrite(str(tmp_path / "even.png"), rng.integers(36, 50, (128, 192), dtype=np.uint8))
    page = tmp_path / "page.html"
    words = ["explain", str(TINY), str(tmp_path / "even.png"), "--html", str(page), "--json"]
    code = main([*words, *ENGINE])
    out = capsys.readouterr()
    assert code == 3
    assert "EXPLANATION_REFUSED: no map is drawn" in out.err
    printed = json.loads(out.out)
    assert (printed["drawn"], printed["map"]) == (False, None)
    assert "No map is drawn" in page.read_text()


def test_a_frame_that_cannot_be_explained_says_why(
    tmp_path: Path, dark_disc: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    empty, black = tmp_path / "empty.png", tmp_path / "black.png"
    cv2.imwrite(str(empty), rng.integers(140, 200, (128, 192), dtype=np.uint8))
    cv2.imwrite(str(black), np.zeros((128, 192), np.uint8))
    for frame, code, message in (
        (empty, 2, "no region was found"),
        (black, 7, "CONSTANT"),
        (tmp_path / "none.png", 6, "none.png"),
    ):
        assert main(["explain", str(TINY), str(frame), *ENGINE]) == code
        assert message in capsys.readouterr().err
    assert main(["explain", str(TINY), str(dark_disc), "--frame-number", "3", *ENGINE]) == 2
    assert "fewer frames" in capsys.readouterr().err
    page = empty / "page.html"  # in a file
    assert main(["explain", str(TINY), str(dark_disc), "--html", str(page), *ENGINE]) == 2


def test_the_page_never_takes_the_place_of_the_frame(
    dark_disc: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = dark_disc.read_bytes()
    assert main(["explain", str(TINY), str(dark_disc), "--html", str(dark_disc), *ENGINE]) == 2
    assert "--html would overwrite what is read" in capsys.readouterr().err
    assert dark_disc.read_bytes() == before
