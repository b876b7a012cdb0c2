from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.parts import sbom

from .documents import table, texts, with_manifest

Read = Callable[..., Inputs]
SBOM: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"name": "network", "type": "machine-learning-model"}},
    "components": [
        {"name": "numpy", "type": "library", "version": "2", "purl": "pkg:pypi/numpy@2",
         "licenses": [{"license": {"id": "BSD-3-Clause"}}],
         "hashes": [{"alg": "SHA-256", "content": "ab"}]},
        {"name": "openvino", "type": "library", "licenses": [{"expression": "Apache-2.0"}]},
    ],
    "formulation": [{"components": [{"name": "torch", "type": "library", "version": "3"}]}],
}  # fmt: skip


def bundle(tmp_path: Path, document: dict[str, Any]) -> Path:
    folder = tmp_path / "bundle"

    def add(_: dict[str, Any]) -> None:
        (folder / "sbom.cdx.json").write_text(json.dumps(document))

    return with_manifest(folder, add)


def test_components_stand_with_version_licence_and_digest(read: Read, tmp_path: Path) -> None:
    section = sbom(read(bundle=bundle(tmp_path, SBOM)))
    absent = "not provided"
    assert texts(table(section, "components").rows) == [
        ["network", "machine-learning-model", absent, absent, absent, absent],
        ["numpy", "library", "2", "BSD-3-Clause", "pkg:pypi/numpy@2", "SHA-256 ab"],
        ["openvino", "library", absent, "Apache-2.0", absent, absent],
        ["torch", "library", "3", absent, absent, absent],
    ]


def test_a_bundle_without_one_has_none(read: Read, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"

    def older(manifest: dict[str, Any]) -> None:
        (folder / "sbom.cdx.json").unlink()
        del manifest["files"]["sbom.cdx.json"]

    assert sbom(read(bundle=with_manifest(folder, older))).tables == ()


def test_an_exported_bundles_own_list_is_shown(read: Read) -> None:
    rows = texts(table(sbom(read()), "components").rows)
    assert rows[0][:2] == ["dark-spots", "machine-learning-model"]
    files = {row[0]: row[5] for row in rows if row[1] == "file"}
    of = read().bundle.manifest.files
    assert files["graphs/fp32.onnx"] == f"SHA-256 {of['graphs/fp32.onnx'].sha256}"


@pytest.mark.parametrize("wrong", [{"licenses": "MIT"}, {"licenses": [{}]}, {"hashes": [1]}])
def test_a_component_of_another_form_is_refused(
    read: Read, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    inputs = read(bundle=bundle(tmp_path, {"components": [{"name": "x"} | wrong]}))
    with pytest.raises(InvalidData, match=r"sbom\.cdx\.json: components\[0\]"):
        sbom(inputs)
