"""Descriptions in a live session, with a real engine in a worker and in a thread."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, Described, Frame
from sonoedge.bundle import read_bundle
from sonoedge.bundle.identity import manifest_text
from sonoedge.certainty import CalibratedOn, Certainty
from sonoedge.errors import InvalidSettings
from sonoedge.recalibration import SCHEMA, Recalibration
from sonoedge_bench.reliability.drive import wait_until

TINY = Path(__file__).parents[2] / "data/tiny"
LONG_MS = 60_000


def spot(shift: int) -> np.ndarray:
    """Speckle with a dark spot, which is what the small network looks for."""
    pixels = np.random.default_rng(shift).integers(110, 190, (256, 384)).astype(np.float64)
    y, x = np.mgrid[0:256, 0:384]
    pixels[((x - 200) / 60) ** 2 + ((y - 110) / 45) ** 2 < 1] *= 0.15
    return cv2.GaussianBlur(pixels, (0, 0), 1.5).astype(np.uint8)


def recalibrated(file: Path, bundle: Path) -> Path:
    """Thresholds under which every suspicion excludes benign."""
    manifest = read_bundle(bundle).manifest
    on = CalibratedOn(name="own", sha256="0" * 64, patients=40, malignant=20, benign=20)
    made = Recalibration(
        schema=SCHEMA,
        bundle_id=manifest.bundle_id,
        variant=manifest.variants[0].id,
        certainty=Certainty(alpha=0.1, benign_up_to=0.0, malignant_from=0.0, calibrated_on=on),
    )
    file.write_text(made.text())
    return file


@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_a_session_describes_as_an_analyser_does(
    tmp_path: Path, isolation: Literal["process", "thread"]
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(TINY, bundle)
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["measure"] = {"words": "breast"}
    (bundle / "manifest.json").write_text(manifest_text(manifest))
    with sonoedge.live(
        bundle,
        max_age_ms=LONG_MS,
        isolation=isolation,
        tracking=False,
        describe_every_ms=LONG_MS,
        certainty=recalibrated(tmp_path / "own.json", bundle),
    ) as session:
        frame_id = session.submit(Frame(pixels=spot(0)))
        assert session.drain(30)
        assert isinstance(session.latest(), Analysed)
        assert wait_until(lambda: session.description() is not None)
        for number in range(1, 6):  # the described frame's memory is used again
            session.submit(Frame(pixels=spot(number)))
            assert session.drain(30)
        said = session.description()
        assert session.status().deaths == 0
    assert said is not None
    assert said.frame_id == frame_id
    assert isinstance(said.description, Described)
    with sonoedge.open(bundle, tracking=False) as analyser:
        frame = Frame(pixels=spot(0))
        analysis = analyser.analyse(frame)
        assert isinstance(analysis, Analysed)
        expected = analyser.describe(frame, analysis.regions[0])
    assert isinstance(expected, Described)
    assert np.array_equal(said.description.measures.values, expected.measures.values)
    assert said.description.words == expected.words
    assert said.description.sentence == expected.sentence
    assert (said.description.certainty, expected.certainty) == ("malignant only", None)


@pytest.mark.parametrize("every_ms", [0, -1, "1", float("nan"), True])
def test_an_impossible_time_is_refused(every_ms: object) -> None:
    with pytest.raises(InvalidSettings, match="describe_every_ms"):
        sonoedge.live(TINY, describe_every_ms=every_ms)  # type: ignore[arg-type]


def test_thresholds_without_descriptions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="give describe_every_ms as well"):
        sonoedge.live(TINY, certainty=recalibrated(tmp_path / "own.json", TINY))
