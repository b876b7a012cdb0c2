from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.reading import parse_document
from sonoedge_export.evidence.sections.model import STATED, _stated, data, identity, model

from .documents import table, texts, with_manifest

Read = Callable[..., Inputs]


def test_identity_and_use_are_the_manifests_and_what_it_lacks_is_not_provided(read: Read) -> None:
    section = identity(read())
    facts = dict(texts(table(section, "bundle").rows))
    assert facts["bundle"].startswith("dark-spots-1-")
    assert facts["signature"].startswith("unsigned")
    use = dict(texts(table(section, "use").rows))
    assert use["intended use"] == "Tests."
    assert use["labels"] == "normal, benign, malignant"
    assert use["users"] == use["supplier"] == "not provided"
    assert use["probes allowed"] == "any"


def test_every_variant_has_its_files_digest(read: Read) -> None:
    inputs = read()
    rows = texts(table(model(inputs), "variants").rows)
    digests = inputs.bundle.manifest.files
    assert [row[0] for row in rows] == ["onnxruntime-fp32", "openvino-fp32"]
    assert all(row[4] == digests["graphs/fp32.onnx"].sha256 for row in rows)


def test_a_long_grey_map_is_told_by_its_length(read: Read, tmp_path: Path) -> None:
    def mapped(manifest: dict[str, Any]) -> None:
        manifest["preprocess"]["grey_map"] = list(range(256))

    bundle = with_manifest(tmp_path / "bundle", mapped)
    facts = dict(texts(table(model(read(bundle=bundle)), "network").rows))
    assert facts["grey map"] == "256 levels"


def test_frames_are_told_by_what_they_were_for(read: Read) -> None:
    rows = texts(table(data(read()), "sets").rows)
    assert [row[:4] for row in rows] == [
        ["judged the variants", "drawn", "all", "8"],
        ["measured the operating point", "drawn", "all", "8"],
    ]
    stated = texts(table(data(read()), "stated").rows)
    assert stated == [["not provided"] * 12]


def test_what_a_maker_states_is_told_and_an_empty_list_states_nothing() -> None:
    card = {
        "users": "sonographers",
        "contraindications": [],
        "data": [{"name": "a", "used_for": "training", "frames": 392, "devices": ["x", "y"]}],
    }
    root = parse_document(json.dumps({"card": card}).encode(), "manifest.json", "manifest").root
    assert _stated(root / "card" / "users", forms.text).text == "sonographers"
    assert _stated(root / "card" / "contraindications", forms.words).text == "not provided"
    cells = [_stated(root / "card" / "data" / 0 / key, form).text for _, key, form in STATED]
    assert cells[:3] == ["a", "training", "392"]
    assert cells[7] == "x, y"
    assert cells[3] == "not provided"
