"""frames.json: the list of labelled frames that an export judges by."""

from __future__ import annotations

import json
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import as_json
from sonoedge_export.data.labelled import read_labelled

FRAMES: dict[str, Any] = {
    "name": "breast",
    "frames": [
        {"image": "a.png", "mask": "a.png", "label": "benign", "split": "test", "patient": "1",
         "device": "d", "flags": ["callipers"], "spacing_mm": [0.1, 0.2]},
        {"image": "a.png", "mask": None, "label": None, "group": "2"},
    ],
}  # fmt: skip


def attack(data: bytes) -> None:
    scratch_file("a.png", b"")
    file = scratch_file("frames.json", data)
    for entry in read_labelled(file):
        assert entry.pixel_aspect > 0
        hash((entry.label, entry.split, entry.patient, entry.device))


POINT = EntryPoint(
    attack=attack,
    seeds=(json.dumps(FRAMES).encode(),),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(FRAMES,), encode=as_json),
    suffix=".json",
)
