from __future__ import annotations

import json
from pathlib import Path

import pytest

from sonoedge.errors import InvalidRecording
from sonoedge.recording.document import document_bytes, parse_document


def test_a_document_is_what_was_written(shared_clip: Path) -> None:
    data = (shared_clip / "recording.json").read_bytes()
    document = parse_document(data)
    assert document_bytes(document) == data
    assert document.engine.seeds == {}
    assert document.engine.threads == 1
    assert document.engine.machine.packages["sonoedge"]


def test_it_names_no_path_no_host_and_no_user(shared_clip: Path) -> None:
    import getpass
    import socket

    text = (shared_clip / "recording.json").read_text()
    words = [str(shared_clip.parent), "/tmp", "/home", socket.gethostname()]
    user = getpass.getuser()
    words += [f'"{user}"', f"/{user}"]
    assert [word for word in words if word in text] == []


def test_another_schema_version_is_refused_by_its_number(shared_clip: Path) -> None:
    values = json.loads((shared_clip / "recording.json").read_text())
    values["schema_version"] = 2
    with pytest.raises(InvalidRecording, match="schema version 2, this sonoedge reads 1"):
        parse_document(json.dumps(values).encode())
