from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from measured_pictures import ellipse, speckle
from sonoedge.errors import InvalidData
from sonoedge.frames import Frame
from sonoedge.measure import MeasureSettings
from studies.measure_cost import frames_of, least_ms, line


def test_frames_without_a_lesion_are_left_out(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), speckle())
    rows = [{"image": "a.png", "label": label} for label in ("benign", "normal", "malignant")]
    (tmp_path / "frames.json").write_text(json.dumps({"frames": rows}))
    assert len(frames_of(tmp_path)) == 2


def test_a_folder_without_frames_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match="FileNotFoundError"):
        frames_of(tmp_path)


def test_each_region_has_one_sample() -> None:
    regions = [(Frame(pixels=speckle()), ellipse((200, 150), (40, 30)))] * 3
    assert len(least_ms(regions, MeasureSettings(groups=("shape",)), 2)) == 3


def test_a_row_has_the_percentiles() -> None:
    assert line("x", [1.0, 2.0, 3.0]).split() == ["x", "2.000", "2.980"]
