"""Frames in real time, of whatever a source's name names."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.verbs.live_frames import open_live_frames


def test_a_folder_gives_its_pictures_and_ends(tmp_path: Path) -> None:
    for i in range(3):
        cv2.imwrite(str(tmp_path / f"{i}.png"), np.full((8, 8), 10 * i, np.uint8))
    with open_live_frames(str(tmp_path), 200.0) as frames:
        levels = []
        for _ in range(3):
            frame = frames.next()
            assert frame is not None
            levels.append(int(frame.pixels.flat[0]))
        assert levels == [0, 10, 20]
        assert frames.status() is None
        with pytest.raises(StopIteration):
            frames.next()


def test_a_folder_without_a_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="--fps"):
        open_live_frames(str(tmp_path), None)
