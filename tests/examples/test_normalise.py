"""Which frames a scanner's grey map is made of, and which are judged."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="the reference network is a torch network")


def frames(folder: Path, rows: list[dict[str, str]]) -> Path:
    """A frames.json; every picture is the same."""
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), np.full((8, 8), 90, np.uint8))
    same = {"image": "a.png", "mask": None, "label": "benign"}
    (folder / "frames.json").write_text(json.dumps({"frames": [same | row for row in rows]}))
    return folder / "frames.json"


def test_a_map_is_made_of_a_scanners_own_frames_that_are_not_judged(
    tmp_path: Path, reference: Path
) -> None:
    from normalise import scanners  # type: ignore[import-not-found]

    sets = [
        frames(tmp_path / "one", [{"split": s} for s in ("train", "train", "val", "test")]),
        frames(
            tmp_path / "two",
            [
                {"split": split, "device": device}
                for device in ("A", "B")
                for split in ("train", "val", "test", "test")
            ],
        ),
        frames(tmp_path / "three", [{"split": s} for s in ("train", "val", "test")]),
    ]
    rows = [{"split": s} for s in ("calibration", "test", "test")]
    external = frames(tmp_path / "elsewhere", rows)

    def counted(judged: str) -> dict[str, tuple[int, int]]:
        found = scanners(sets, external, judged)
        for made_of, held in found.values():
            assert {e.split for e in made_of} <= {"train", "calibration"}
            assert {e.split for e in held} == {judged}
        return {name: (len(made_of), len(held)) for name, (made_of, held) in found.items()}

    assert counted("val") == {"one": (2, 1), "two A": (1, 1), "two B": (1, 1), "three": (1, 1)}
    assert counted("test") == {
        "one": (2, 1),
        "two A": (1, 2),
        "two B": (1, 2),
        "three": (1, 1),
        "elsewhere": (1, 2),
    }
