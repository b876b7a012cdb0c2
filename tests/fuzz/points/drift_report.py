"""Reports of drift: a screening's report.json, and a device's metrics."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

from drift_samples import analysed_frames
from fuzz.entry_point import EntryPoint
from sonoedge.drift.counts import Counts
from sonoedge.drift.measure import compare
from sonoedge.drift.report_file import read_report
from sonoedge.errors import InvalidData
from sonoedge.metrics import FrameTimes

_FOLDER: Final = Path(tempfile.mkdtemp())
_TIMES, _COUNTS = FrameTimes(), Counts()
for _analysis in analysed_frames(50):
    _TIMES.add(_analysis)
    _COUNTS.add(_analysis)
_SCREENING: Final = {
    "schema": "sonoedge-screening-1",
    "recordings": 9,
    "identity": {"bundle_id": "b-1"},
    "counts": _COUNTS.plain(),
}


def attack(data: bytes) -> None:
    for name in ("report.json", "box.prom"):
        path = _FOLDER / name
        path.write_bytes(data)
        try:
            report = read_report(path)
        except InvalidData:
            continue
        for shift in compare(report.counts, _COUNTS, recordings=report.recordings).values():
            assert 0 <= shift.index < 1e6


POINT = EntryPoint(
    attack=attack,
    seeds=(json.dumps(_SCREENING).encode(), _TIMES.text().encode()),
    engines=("bytes", "coverage"),
    tolerated=(),
)
