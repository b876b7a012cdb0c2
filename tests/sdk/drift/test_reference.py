from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from archive_samples import TINY
from sonoedge.bundle import read_bundle
from sonoedge.bundle.digest import digest
from sonoedge.drift.counts import Counts
from sonoedge.drift.reference import bundle_counts
from sonoedge.errors import BundleError


def with_statistics(folder: Path, statistics: object) -> Path:
    """The tiny bundle, as an export with these statistics would have written it."""
    shutil.copytree(TINY, folder)
    path = folder / "verification.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"statistics": statistics}))
    manifest = read_bundle(TINY).manifest
    files = {**manifest.files, path.name: digest(path.read_bytes())}
    (folder / "manifest.json").write_text(dataclasses.replace(manifest, files=files).to_json())
    return folder


def test_a_bundle_holds_counts_by_variant(tmp_path: Path) -> None:
    counts = Counts()
    counts.add_analysed(0.5, None, flagged=False)
    bundle = read_bundle(with_statistics(tmp_path / "b", {"onnxruntime-fp32": counts.plain()}))
    found = bundle_counts(bundle, "onnxruntime-fp32")
    assert found is not None
    assert found.plain() == counts.plain()
    assert bundle_counts(bundle, "openvino-fp32") is None


def test_an_older_bundle_holds_none(repository: Path) -> None:
    bundle = read_bundle(repository / "tests/data/bundles/schema-2")
    assert bundle_counts(bundle, bundle.manifest.reference_variant) is None


def test_statistics_that_are_none_are_refused(tmp_path: Path) -> None:
    bundle = read_bundle(with_statistics(tmp_path / "b", {"onnxruntime-fp32": {"frames": "many"}}))
    with pytest.raises(BundleError, match=r"verification\.json"):
        bundle_counts(bundle, "onnxruntime-fp32")
