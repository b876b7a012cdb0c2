from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from scope_samples import TEXTURED, speckle, stripes, write_pictures
from studies import taught_scope
from studies.taught_scope import Rows, grade_row, scope_row

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


def rows(vectors: np.ndarray, *, malignant: np.ndarray | None = None) -> Rows:
    count = len(vectors)
    return Rows(
        vectors=vectors,
        suspicion=np.full(count, 0.5),
        malignant=np.full(count, -1) if malignant is None else malignant,
        patients=np.arange(count).astype(str),
        shown=np.ones(count, bool),
        judged=np.ones(count, bool),
    )


def around(centre: tuple[float, float], count: int) -> np.ndarray:
    return np.array(centre) + np.random.default_rng(count).normal(0, 0.02, (count, 2))


def test_frames_that_were_shown_are_not_counted() -> None:
    sets = {"a": rows(around((0, 1), 60)), "b": rows(around((0, 1), 9))}
    row = scope_row(rows(around((1, 0), 30)), "a", sets, 3, np.random.default_rng(0))
    assert (row["refused"], row["caught"], row["stopped"]) == (0, 1.0, {"a": 0.0, "b": 0.0})


def test_prototypes_that_know_the_answer_beat_a_network_that_does_not() -> None:
    truth = np.arange(60) % 2
    vectors = np.where(truth[:, None] == 1, around((1, 0), 60), around((0, 1), 60))
    row = grade_row(rows(vectors, malignant=truth), 5, np.random.default_rng(0))
    assert row is not None
    assert (row["network"], row["prototypes"]) == (0.5, 1.0)
    few = rows(vectors[:12], malignant=truth[:12])
    assert grade_row(few, 5, np.random.default_rng(0)) is None


def test_the_study_prints_both_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_pictures(tmp_path / "set", speckle, range(44))
    frames = [{"image": f"{n:03d}.png", "label": "benign"} for n in range(44)]
    (folder / "frames.json").write_text(json.dumps({"frames": frames}))
    clip = tmp_path / "clip.avi"
    size = (160, 120)
    video = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"MJPG"), 10, size, isColor=False)
    for n in range(24):
        video.write(stripes(n))
    video.release()
    words = [str(TEXTURED), "--sets", str(folder), "--away", f"bone={clip}", "--draws", "2"]
    assert taught_scope.main(words) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[1].split()[:5] == ["bone", "set", "0%", "100%", "100%"]
    assert "too few patients" in printed[-1]
