"""Regions come from the engine's own path, and count for the lesions that they found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sonoedge
from sonoedge import Analyser
from sonoedge.bundle import read_bundle
from sonoedge.describing import Describer
from sonoedge.measure import NAMES
from sonoedge_export.data.labelled import Entry, Labelled, read_labelled
from sonoedge_export.heads.regions import MeasuredFrames, measured_frames


@pytest.fixture
def analyser(place: Path) -> Iterator[Analyser]:
    with sonoedge.open(place / "bundle", tracking=False) as opened:
        yield opened


def measured(place: Path, analyser: Analyser, entries: list[Entry]) -> MeasuredFrames:
    manifest = read_bundle(place / "bundle").manifest
    assert manifest.measure is not None
    describer = Describer(manifest.measure, manifest.preprocess, manifest.guard)
    data = Labelled(name="made", entries=tuple(entries))
    return measured_frames(analyser, describer, NAMES, data)


def test_each_frame_with_a_lesion_gives_a_row_with_what_the_device_measures(
    place: Path, analyser: Analyser
) -> None:
    entries = list(read_labelled(place / "fit/frames.json"))[:6]
    found = measured(place, analyser, entries)
    assert found.frames.malignant.tolist() == [False, True] * 3
    assert found.frames.found.all()
    assert len(np.unique(found.frames.patients)) == 6
    shown = entries[0].frame()
    analysis = analyser.analyse(shown)
    assert isinstance(analysis, sonoedge.Analysed)
    description = analyser.describe(shown, analysis.regions[0])
    assert isinstance(description, sonoedge.Described)
    assert (found.frames.measures[0] == description.measures.values).all()
    assert found.frames.suspicion[0] == analysis.regions[0].suspicion


def test_a_region_beside_the_lesion_is_not_fitted_on_but_its_frame_is_judged(
    place: Path, analyser: Analyser, tmp_path: Path
) -> None:
    first, second = list(read_labelled(place / "fit/frames.json"))[:2]
    elsewhere = replace(first, mask=tmp_path / "elsewhere.png")
    mask = np.zeros((120, 160), dtype=np.uint8)
    mask[:20, :20] = 255
    import cv2

    cv2.imwrite(str(elsewhere.mask), mask)
    found = measured(place, analyser, [elsewhere, second])
    assert len(found.frames) == 2
    assert found.regions.frames.tolist() == [1]


def test_frames_of_unknown_class_or_without_a_lesion_are_left_out(
    place: Path, analyser: Analyser
) -> None:
    first, second, third = list(read_labelled(place / "fit/frames.json"))[:3]
    unknown, empty = replace(first, label=None), replace(second, mask=None)
    assert measured(place, analyser, [unknown, empty, third]).frames.frames.tolist() == [2]


def test_a_frame_that_was_not_analysed_is_counted_and_no_missed_lesion(
    place: Path, analyser: Analyser, tmp_path: Path
) -> None:
    first, second = list(read_labelled(place / "fit/frames.json"))[:2]
    import cv2

    cv2.imwrite(str(tmp_path / "black.png"), np.zeros((120, 160), dtype=np.uint8))
    black = replace(first, image=tmp_path / "black.png")
    found = measured(place, analyser, [black, second])
    assert (found.not_analysed, len(found.frames)) == (1, 1)
