from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sonoedge.analysis import Region
from sonoedge.bundle.golden import GoldenRegions, golden_regions, read_regions, write_regions
from sonoedge.errors import UnsafeContent


def region(suspicion: float, *, flagged: bool) -> Region:
    return Region(
        contour_px=np.array([[1, 2], [5, 2], [5, 9]], dtype=np.int32),
        box_px=(1, 2, 6, 10),
        area_px=14.00049,
        area_mm2=None,
        box_mm=None,
        suspicion=suspicion,
        class_probs={},
        flagged=flagged,
    )


def test_regions_come_back_as_they_were_kept() -> None:
    kept = (golden_regions([region(0.7512345678, flagged=True), region(0.1, flagged=False)]),)
    assert kept[0].flagged
    assert kept[0].suspicion == 0.751235
    assert kept[0].regions[0].area_px == 14.0
    data = write_regions((*kept, golden_regions([])))
    back = read_regions(data, "a.json", 2)
    assert back == (*kept, GoldenRegions(flagged=False, regions=()))
    assert back[1].suspicion == 0.0


def changed(**values: Any) -> bytes:
    data = json.loads(write_regions([golden_regions([region(0.7, flagged=True)])]))
    frame = data["frames"][0]
    target = frame if "flagged" in values and len(values) == 1 else frame["regions"][0]
    target.update(values)
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "not valid JSON"),
        (b"{}", "frames is missing"),
        (b'{"frames": []}', "regions of 0 frames, not of 1"),
        (changed(flagged=False), "flagged must be true where a region is flagged"),
        (changed(suspicion=7.0), "suspicion must be 0 to 1"),
        (changed(box_px=[1, 2, 3]), "must have 4 entries"),
        (changed(area_px="large"), "area_px must be a number"),
        (changed(surprise=1), "surprise is unknown"),
    ],
)
def test_a_file_that_no_export_writes_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UnsafeContent, match=rf"a.json holds .*{message}"):
        read_regions(data, "a.json", 1)
