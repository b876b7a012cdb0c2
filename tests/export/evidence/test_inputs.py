from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import BundleNotFound, InvalidData
from sonoedge_export.evidence.inputs import Inputs

from .sections.documents import bench, junit, verify

Read = Callable[..., Inputs]
Written = Callable[[str, Any], Path]


def test_documents_of_one_name_are_told_apart(read: Read, written: Written, tmp_path: Path) -> None:
    first = written("bench.json", bench())
    (tmp_path / "b").mkdir()
    second = written("b/bench.json", bench())
    inputs = read(bench=(first, second))
    assert [d.name for d in inputs.of("bench")] == ["bench.json", "bench.json (2)"]
    assert len({file.name for file in inputs.files}) == len(inputs.files)


def test_a_document_that_takes_a_bundles_name_is_told_apart(read: Read, written: Written) -> None:
    inputs = read(bench=(written("manifest.json", bench()),))
    assert [d.name for d in inputs.of("bench")] == ["manifest.json (2)"]
    assert inputs.manifest.document.name == "manifest.json"


@pytest.mark.parametrize(
    ("role", "document"),
    [
        ("bench", {"schema": "sonoedge-bench-3", "model": {"id": "other-1"}}),
        ("verify", verify() | {"bundle_id": "other-1"}),
        ("reliability", {"schema": "sonoedge-reliability-1", "bundle_id": "other-1"}),
        ("provision", {"schema": "sonoedge-provision-report-1", "bundle_id": "other-1"}),
    ],
)
def test_a_document_of_another_bundle_is_refused(
    read: Read, written: Written, role: str, document: Any
) -> None:
    path = written("x.json", document)
    with pytest.raises(InvalidData, match=r"x\.json is of other-1, not of dark-spots-1-"):
        read(**{role: (path,) if role in ("bench", "verify") else path})


def test_a_document_without_its_bundle_is_refused(read: Read, written: Written) -> None:
    path = written("x.json", {"schema": "sonoedge-bench-3", "model": None})
    with pytest.raises(InvalidData, match=r"model\.id must be text"):
        read(bench=(path,))


def test_a_document_in_anothers_place_is_refused(read: Read, written: Written) -> None:
    with pytest.raises(InvalidData, match="is not what --bench takes"):
        read(bench=(written("x.json", verify()),))
    with pytest.raises(InvalidData, match="no XML"):
        read(junit=written("x.xml", "{}"))


def test_every_file_that_was_read_is_listed_by_digest(read: Read, written: Written) -> None:
    inputs = read(
        bench=(written("bench.json", bench()),),
        junit=written("t.xml", junit({"tests/test_x.py::test_a": "passed"})),
        against=Path(__file__).parents[2] / "data" / "tiny",
    )
    roles = [file.role for file in inputs.files]
    assert roles == ["manifest", "verification", "sbom", "bench", "requirements", "hazards",
                     "messages", "junit", "against"]  # fmt: skip
    assert all(len(file.sha256) == 64 for file in inputs.files)


def test_what_is_no_bundle_is_refused(read: Read, tmp_path: Path) -> None:
    with pytest.raises(BundleNotFound):
        read(bundle=tmp_path)
    with pytest.raises(BundleNotFound):
        read(against=tmp_path)
