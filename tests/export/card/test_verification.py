from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.bundle import Bundle, read_bundle
from sonoedge.bundle.digest import digest
from sonoedge.bundle.identity import manifest_text
from sonoedge.errors import BundleError, DigestMismatch
from sonoedge.settings import plain
from sonoedge_export.card.verification import read_verification

TINY = Path(__file__).parents[2] / "data" / "tiny"


@pytest.fixture
def rewritten(tmp_path: Path) -> Callable[[bytes | None], Bundle]:
    """The tiny bundle with these bytes as verification.json, or without one."""

    def rewrite(data: bytes | None) -> Bundle:
        folder = tmp_path / "bundle"
        shutil.copytree(TINY, folder)
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        del manifest["files"]["verification.json"]
        if data is not None:
            manifest["files"]["verification.json"] = plain(digest(data))
            (folder / "verification.json").write_bytes(data)
        (folder / "manifest.json").write_text(manifest_text(manifest))
        return read_bundle(folder)

    return rewrite


def test_what_an_export_wrote_is_read() -> None:
    verification = read_verification(read_bundle(TINY))
    assert set(verification.variants) == {"onnxruntime-fp32", "openvino-fp32"}
    assert verification.trained["frames"] == 8
    assert verification.operating_point[0]["name"] == "drawn"
    assert verification.flag_agreement["onnxruntime-fp32"]["openvino-fp32"] == 1.0


@pytest.mark.parametrize("data", [b"", b"[]", b'{"trained": {}}', b'{"trained": NaN}', None])
def test_what_no_export_writes_is_refused_by_its_name(
    rewritten: Callable[[bytes | None], Bundle], data: bytes | None
) -> None:
    with pytest.raises(BundleError, match=r"verification\.json"):
        read_verification(rewritten(data))


def test_a_damaged_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "b")
    file = tmp_path / "b" / "verification.json"
    file.write_bytes(file.read_bytes().replace(b"0.8", b"0.9"))
    with pytest.raises(DigestMismatch):
        read_verification(read_bundle(tmp_path / "b"))
