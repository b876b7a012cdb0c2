"""Documents as the verbs write them, as far as a pack reads them; and a changed bundle."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from sonoedge.bundle.digest import digest
from sonoedge.bundle.identity import manifest_text
from sonoedge_export.evidence.cells import Section, Table

TINY = Path(__file__).parents[3] / "data" / "tiny"
BUNDLE_ID = json.loads((TINY / "manifest.json").read_text())["bundle_id"]
FIGURE: dict[str, Any] = {
    "n": 300, "mean": 4.0, "max": 9.5, "p90": None, "p999": None, "p99": None,
    "p50": {"value": 3.25, "low": 3.0, "high": 3.5},
}  # fmt: skip


def with_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """A copy of the tiny bundle whose manifest was changed; every digest is right again."""
    shutil.copytree(TINY, folder)
    data = json.loads((folder / "manifest.json").read_text())
    change(data)
    for path in [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]:
        if path != "manifest.json":
            of = digest((folder / path).read_bytes())
            data["files"][path] = {"sha256": of.sha256, "bytes": of.bytes}
    (folder / "manifest.json").write_text(manifest_text(data))
    return folder


def junit(results: Mapping[str, str]) -> str:
    """A JUnit file of tests, `tests/a/test_b.py::test_c`, with "passed", "failed" or "skipped"."""
    cases = []
    for test, result in results.items():
        module, _, name = test.partition("::")
        inner = {"failed": "<failure message='no'>x</failure>", "skipped": "<skipped/>"}
        classname = module.removesuffix(".py").replace("/", ".")
        cases.append(
            f'<testcase classname="{classname}" name="{name}" time="0">'
            f"{inner.get(result, '')}</testcase>"
        )
    head = '<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" '
    return f'{head}timestamp="2026-01-02T03:04:05">{"".join(cases)}</testsuite></testsuites>'


def bench() -> dict[str, Any]:
    """A benchmark of the tiny bundle, as far as a pack reads it."""
    run = {
        "variant": "onnxruntime-fp32", "threads": 2, "fps": 30.0, "deadline_ms": 33.3,
        "figures": {"age_ms": FIGURE},
        "outcomes": {"submitted": 300, "analysed": 299, "late": 1, "lost": 0, "balanced": True},
    }  # fmt: skip
    limit = {"variant": "onnxruntime-fp32", "name": "p50", "value": 3.25, "limit": 2.0,
             "met": False, "reason": ""}  # fmt: skip
    return {
        "schema": "sonoedge-bench-3",
        "mode": "paced",
        "complete": True,
        "model": {"kind": "bundle", "id": BUNDLE_ID},
        "machine": {"cpu": "a processor", "cores": 2, "instructions": ["avx2"], "gpu": None,
                    "kernel": "6.1", "packages": {"numpy": "2"}},
        "frames": {"name": "golden", "sha256": "0" * 64},
        "conditions": {"throttling": [], "other_work": {"other_cores": 0.1}},
        "target": {"name": "x86-amx", "matches": True, "limits": [limit]},
        "runs": [run],
    }  # fmt: skip


def verify() -> dict[str, Any]:
    """Accuracy on a set, with subgroups, of which one is small."""
    metrics: dict[str, Any] = {
        "frames": 48, "independent_samples": 40, "not_analysed": 2, "frames_with_lesion": 46,
        "positive_frames": 23, "negative_frames": 25, "dice_mean": 0.76, "dice_ci95": [0.67, 0.84],
        "malignancy_auroc": 0.88, "malignancy_auroc_ci95": None, "sensitivity": 0.95,
        "sensitivity_ci95": [0.87, 1.0], "specificity": 0.5, "specificity_ci95": [0.3, 0.7],
        "region_sensitivity": 0.9, "false_regions_per_frame": 0.1, "flag_agreement": 0.995,
    }  # fmt: skip
    small = metrics | {"frames": 9, "frames_with_lesion": 9, "positive_frames": 0,
                       "negative_frames": 9, "sensitivity": None}  # fmt: skip
    gate = {"answer": "undecided", "measured": 0.0, "limit": 0.01, "ci95": [-0.1, 0.1],
            "why": "too few to decide"}  # fmt: skip
    row = {"id": "openvino-fp32", "metrics": metrics, "subgroups": {"device <script>": small},
           "gates": {"sensitivity_drop": gate}}  # fmt: skip
    return {
        "schema": "sonoedge-verify-1",
        "bundle_id": BUNDLE_ID,
        "data": "a set",
        "data_sha256": "1" * 64,
        "split": "test",
        "frames": 48,
        "intervals": {"method": "bootstrap", "level": 0.95, "rounds": 1000, "seed": 0,
                      "resampled": "patients"},
        "variants": [row],
    }  # fmt: skip


def table(section: Section, name: str) -> Table:
    """A table by its name."""
    (result,) = [t for t in section.tables if t.name == name]
    return result


def texts(rows: Iterable[Any]) -> list[list[str]]:
    """The words of a table's cells."""
    return [[cell.text for cell in row.cells] for row in rows]
