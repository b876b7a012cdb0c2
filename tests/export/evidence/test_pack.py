from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import InvalidSettings, OutputError, TrustError
from sonoedge.trust.envelope import read_envelope, verify
from sonoedge.trust.signing import generate_key_pair, read_private_key
from sonoedge_export.evidence import pack as pack_module
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.pack import INDEX_KIND, SECTIONS, make_pack, write_pack

Read = Callable[..., Inputs]


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def cells(pack: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for section in pack["sections"]:
        for table in section["tables"]:
            for row in table["rows"]:
                assert len(row["cells"]) == len(table["columns"])
                yield from row["cells"]


@pytest.fixture
def written_pack(read: Read, tmp_path: Path) -> Path:
    inputs = read()
    write_pack(make_pack(inputs), inputs, tmp_path / "pack", [], force=False)
    return tmp_path / "pack"


def test_every_cell_is_a_value_with_its_source_or_not_provided(written_pack: Path) -> None:
    document = json.loads((written_pack / "evidence.json").read_text())
    assert len(document["sections"]) == len(SECTIONS) + 1
    number = 0
    for cell in cells(document):
        number += 1
        assert cell["text"]
        assert cell["file"]
        assert cell["state"] in ("value", "not provided", "too few")
        assert ("value" in cell) == (cell["state"] == "value")
    assert number > 1000


def test_the_index_names_every_other_file_by_its_digest(written_pack: Path) -> None:
    content = files(written_pack)
    index = json.loads(content.pop("index.json"))
    assert index["files"] == {
        path: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for path, data in sorted(content.items())
    }
    assert {file["role"] for file in index["inputs"]} >= {"manifest", "requirements", "hazards"}


def test_the_same_inputs_and_date_give_the_same_bytes(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    for name in ("a", "b"):
        inputs = read()
        write_pack(make_pack(inputs), inputs, tmp_path / name, [], force=False)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert b'"made": "2026-01-01T00:00:00+00:00"' in files(tmp_path / "a")["index.json"]


def test_a_signed_index_is_vouched_for_and_is_no_manifest(read: Read, tmp_path: Path) -> None:
    public = generate_key_pair(tmp_path / "key.pem")
    inputs = read()
    signers = [read_private_key(tmp_path / "key.pem")]
    write_pack(make_pack(inputs), inputs, tmp_path / "pack", signers, force=False)
    envelope = read_envelope((tmp_path / "pack/index.dsse.json").read_bytes(), "index.dsse.json")
    assert envelope.payload == (tmp_path / "pack/index.json").read_bytes()
    assert verify(envelope, INDEX_KIND, [public], "index.dsse.json") == {public}
    from sonoedge.trust.manifest_signature import KIND

    assert KIND != INDEX_KIND


def test_what_is_there_stays_without_force_and_what_is_no_pack_stays_always(
    read: Read, written_pack: Path, tmp_path: Path
) -> None:
    inputs = read()
    before = files(written_pack)
    with pytest.raises(InvalidSettings, match="already holds an evidence pack"):
        write_pack(make_pack(inputs), inputs, written_pack, [], force=False)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x")
    with pytest.raises(InvalidSettings, match="is no evidence pack"):
        write_pack(make_pack(inputs), inputs, tmp_path / "mine", [], force=True)
    assert files(written_pack) == before
    write_pack(make_pack(inputs), inputs, written_pack, [], force=True)
    assert set(files(written_pack)) == set(before)


def test_an_error_while_writing_leaves_nothing(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path, path: str, data: bytes) -> None:
        if path == "cells.csv":
            raise OSError(28, "No space left on device")
        (folder / path).write_bytes(data)

    monkeypatch.setattr(pack_module, "write", full)
    inputs = read()
    with pytest.raises(OutputError, match="nothing was written"):
        write_pack(make_pack(inputs), inputs, tmp_path / "pack", [], force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_signer_that_fails_leaves_nothing(read: Read, tmp_path: Path) -> None:
    class Broken:
        public_key = None

        def sign(self, kind: str, payload: bytes) -> Any:
            raise TrustError("no")

    inputs = read()
    with pytest.raises(TrustError):
        write_pack(make_pack(inputs), inputs, tmp_path / "pack", [Broken()], force=False)  # type: ignore[list-item]
    assert list(tmp_path.iterdir()) == []
