"""What an opened bundle says of a region, and that asking it changes no analysis."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, Described, NotDescribed
from sonoedge.bundle.identity import manifest_text
from sonoedge.bundle.parse import parse
from sonoedge.description import NotDescribedReason
from sonoedge.errors import InvalidManifest
from sonoedge.frames import Frame
from sonoedge.outputs.jsonl import record

TINY = Path(__file__).parents[1] / "data/tiny"


def bundle_with(tmp_path: Path, **tables: object) -> Path:
    folder = tmp_path / "bundle"
    shutil.copytree(TINY, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    for key, table in tables.items():
        nested = manifest.get(key)
        manifest[key] = nested | table if isinstance(nested, dict) else table  # type: ignore[operator]
    (folder / "manifest.json").write_text(manifest_text(manifest))
    return folder


def spot() -> Frame:
    """Speckle with a dark spot, which is what the small network looks for."""
    pixels = np.random.default_rng(3).integers(110, 190, (256, 384)).astype(np.float64)
    y, x = np.mgrid[0:256, 0:384]
    pixels[((x - 200) / 60) ** 2 + ((y - 110) / 45) ** 2 < 1] *= 0.15
    return Frame(pixels=cv2.GaussianBlur(pixels, (0, 0), 1.5).astype(np.uint8), captured_ns=5)


def answer(analysis: sonoedge.Analysis) -> dict[str, object]:
    """All of it but its times and its bundle."""
    line = record(analysis)
    return {k: v for k, v in line.items() if k not in ("age_ms", "stages_ms", "bundle_id")}


def test_a_bundle_describes_the_regions_that_it_finds(tmp_path: Path) -> None:
    frame = spot()
    with sonoedge.open(bundle_with(tmp_path, measure={"words": "breast"})) as analyser:
        analysis = analyser.analyse(frame)
        assert isinstance(analysis, Analysed)
        described = analyser.describe(frame, analysis.regions[0])
        assert isinstance(described, Described)
        assert described.sentence.startswith("Outline ")
        # A device may ask again, between any two frames: nothing is remembered.
        again = analyser.describe(frame, analysis.regions[0])
        assert isinstance(again, Described)
        assert np.array_equal(again.measures.values, described.measures.values)
    closed = analyser.describe(frame, analysis.regions[0])
    assert isinstance(closed, NotDescribed)
    assert closed.reason is NotDescribedReason.CLOSED


@pytest.mark.req("R85")
def test_an_analysis_is_the_same_with_measures_and_without(tmp_path: Path) -> None:
    frame = spot()
    with (
        sonoedge.open(TINY) as plain,
        sonoedge.open(bundle_with(tmp_path, measure={})) as measuring,
    ):
        for _ in range(3):
            expected, got = plain.analyse(frame), measuring.analyse(frame)
            assert isinstance(expected, Analysed)
            assert answer(got) == answer(expected)
            assert set(got.stages_ms) == set(expected.stages_ms)
            measuring.describe(frame, expected.regions[0])
        nothing = plain.describe(frame, expected.regions[0])
    assert isinstance(nothing, NotDescribed)
    assert nothing.reason is NotDescribedReason.NO_MEASURES


def test_a_fork_describes_nothing(tmp_path: Path) -> None:
    frame = spot()
    with sonoedge.open(bundle_with(tmp_path, measure={})) as analyser:
        analysis = analyser.analyse(frame)
        assert isinstance(analysis, Analysed)
        child = os.fork()
        if not child:
            told = analyser.describe(frame, analysis.regions[0])
            forked = isinstance(told, NotDescribed) and told.reason is NotDescribedReason.FORKED
            os._exit(0 if forked else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_bundle_whose_regions_are_lines_gives_them(tmp_path: Path) -> None:
    with sonoedge.open(bundle_with(tmp_path, postprocess={"geometry": "line"})) as analyser:
        assert analyser.origin.frame_path == "python"
        analysis = analyser.analyse(spot())
    assert isinstance(analysis, Analysed)
    (region,) = analysis.regions
    assert region.line is not None
    assert region.line.length_mm is None
    assert abs(region.line.angle_deg) < 30


def test_older_manifests_keep_their_bytes() -> None:
    text = (TINY / "manifest.json").read_text()
    manifest = parse(text.encode())
    assert manifest.measure is None
    assert manifest.postprocess.geometry == "region"
    assert json.loads(manifest.to_json()) == json.loads(text)


def test_measures_and_lines_survive_the_manifest(tmp_path: Path) -> None:
    folder = bundle_with(
        tmp_path,
        measure={"groups": ["shape", "margin"], "words": "breast"},
        postprocess={"geometry": "line"},
    )
    manifest = parse((folder / "manifest.json").read_bytes())
    again = parse(manifest.to_json().encode())
    assert again.measure == manifest.measure
    assert again.postprocess == manifest.postprocess
    assert manifest.postprocess.geometry == "line"


@pytest.mark.parametrize(
    "measure", [{"groups": []}, {"groups": ["colour"]}, {"diameter": 64}, {"words": "liver"}, 3]
)
def test_other_measures_are_refused(tmp_path: Path, measure: object) -> None:
    with pytest.raises(InvalidManifest, match="measure"):
        parse((bundle_with(tmp_path, measure=measure) / "manifest.json").read_bytes())
