from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.settings import plain
from sonoedge_bench.comparison.compare import compare
from sonoedge_bench.document import Document
from sonoedge_bench.document.files import read_document, schema_text, write_json

MODES = ["closed", "paced", "beside", "cold", "soak", "sweep"]


@pytest.mark.parametrize("mode", MODES)
def test_a_document_is_read_back_as_it_was_written(
    tmp_path: Path, a_document: Any, valid: Callable[[Path], Any], mode: str
) -> None:
    document = a_document(mode)
    write_json(tmp_path / "a.json", document)
    assert read_document(tmp_path / "a.json") == document
    assert valid(tmp_path / "a.json")["mode"] == mode


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not valid JSON"),
        ("[]", "its schema is None"),
        ('{"schema": "sonoedge-bench-2"}', "its schema is 'sonoedge-bench-2'.*measure again"),
        ('{"schema": "sonoedge-bench-3"}', "is damaged: mode is missing"),
        ('{"schema": "sonoedge-bench-3", "mode": NaN}', "NaN is not a number in JSON"),
        ('{"schema": 1e999}', "too large"),
        ('{"schema": "sonoedge-bench-3", "schema": "x"}', "'schema' stands twice"),
    ],
)
def test_a_file_that_is_not_a_measurement_is_refused_and_named(
    tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(InvalidData, match=f"bad.json.*{message}"):
        read_document(tmp_path / "bad.json")
    with pytest.raises(InvalidData, match="cannot be read"):
        read_document(tmp_path / "absent.json")


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a document."""
    if isinstance(value, dict):
        below = [path for key, each in value.items() for path in paths(each, (*at, key))]
    elif isinstance(value, list):
        below = [path for n, each in enumerate(value[:2]) for path in paths(each, (*at, n))]
    else:
        below = []
    return [at, *below] if at else below


def short(document: Document) -> Document:
    """The same with six samples of two figures."""
    run = document.runs[0]
    samples = {name: run.samples[name][:6] for name in ("number", "analyse_ms", "bare_ms")}
    figures = {"analyse_ms": run.figures["analyse_ms"]}
    runs = (dataclasses.replace(run, samples=samples, figures=figures),)
    return dataclasses.replace(document, runs=runs)


@pytest.mark.parametrize("value", [None, 0, -1.5, "", "x", [], {}, [None], True])
def test_whatever_stands_in_a_file_it_is_compared_or_refused(
    tmp_path: Path, a_document: Any, value: Any
) -> None:
    original = short(a_document("closed"))
    text = json.dumps(plain(original))
    file = tmp_path / "changed.json"
    for path in paths(json.loads(text)):
        changed = json.loads(text)
        place = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        file.write_text(json.dumps(changed))
        try:
            compare(original, read_document(file), force=True)
            compare(read_document(file), original, force=True)
        except (InvalidData, InvalidSettings):
            continue


def test_the_published_schema_is_a_schema_and_refuses_what_the_reader_refuses(
    a_document: Callable[..., Document],
) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema")
    schema = json.loads(schema_text())
    checker = jsonschema.Draft202012Validator
    checker.check_schema(schema)
    data: Any = plain(a_document("soak"))
    checker(schema).validate(data)
    for key, value in (("mode", "open"), ("frames", None), ("colour", "red")):
        assert not checker(schema).is_valid(data | {key: value})
