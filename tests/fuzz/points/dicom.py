"""DICOM files: pydicom and the decoders that it finds."""

from __future__ import annotations

from fuzz.entry_point import EntryPoint
from fuzz.points.decoded import attack_of
from fuzz.seeds import corpus
from sonoedge.sources.formats import DICOM

POINT = EntryPoint(
    attack=attack_of(DICOM, ".dcm"),
    seeds=corpus("dicom"),
    engines=("bytes",),
    suffix=".dcm",
)
