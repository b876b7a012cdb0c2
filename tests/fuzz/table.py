"""The entry points, by name; each module has one, called `POINT`."""

from __future__ import annotations

import importlib
from typing import Final

from fuzz.entry_point import EntryPoint

ENTRY_POINTS: Final = {
    "manifest": "fuzz.points.manifest",
    "golden-outputs": "fuzz.points.golden_outputs",
    "golden-regions": "fuzz.points.golden_regions",
    "golden-picture": "fuzz.points.golden_picture",
    "onnx-walk": "fuzz.points.onnx_walk",
    "litert-walk": "fuzz.points.litert_walk",
    "provision": "fuzz.points.provision",
    "taught-scope": "fuzz.points.taught_scope",
    "verification": "fuzz.points.verification",
    "grafted-sbom": "fuzz.points.grafted_sbom",
    "soup": "fuzz.points.soup",
    "signed-manifest": "fuzz.points.signed_manifest",
    "keyring": "fuzz.points.keyring",
    "grant": "fuzz.points.grant",
    "trust-files": "fuzz.points.trust_files",
    "audit-log": "fuzz.points.audit_log",
    "recording": "fuzz.points.recording",
    "store-state": "fuzz.points.store_state",
    "recipe": "fuzz.points.recipe",
    "frames-json": "fuzz.points.frames_json",
    "target": "fuzz.points.target",
    "bench-document": "fuzz.points.bench_document",
    "evidence": "fuzz.points.evidence",
    "junit": "fuzz.points.junit",
    "records": "fuzz.points.records",
    "worker-wire": "fuzz.points.worker_wire",
    "decoder-wire": "fuzz.points.decoder_wire",
    "igtl": "fuzz.points.igtl",
    "netpbm": "fuzz.points.netpbm",
    "jsonl": "fuzz.points.jsonl",
    "drift-report": "fuzz.points.drift_report",
    "picture-header": "fuzz.points.picture_header",
    "video-header": "fuzz.points.video_header",
    "metaimage-header": "fuzz.points.metaimage_header",
    "picture": "fuzz.points.picture",
    "video": "fuzz.points.video",
    "dicom": "fuzz.points.dicom",
    "metaimage": "fuzz.points.metaimage",
}


def load(name: str) -> EntryPoint:
    """An entry point by its name; its module is imported now, and no other one's."""
    point: EntryPoint = importlib.import_module(ENTRY_POINTS[name]).POINT
    return point
