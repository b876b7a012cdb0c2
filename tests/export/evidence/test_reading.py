from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.evidence.reading import check_keys, check_schema, parse_document, read_input


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"schema": "other-1"}', "its schema is 'other-1', not 'this-1'; the tool writes one"),
        ("[1]", "its schema is None"),
        ('{"schema": "this-1", "schema": "this-1"}', "stands twice"),
        ('{"schema": "this-1"', "not valid JSON"),
        ('{"x": NaN}', "not valid JSON"),
        ('{"schema": "\\u001b[2J"}', r"\\x1b"),
    ],
)
def test_a_document_of_another_kind_is_refused(content: str, why: str) -> None:
    with pytest.raises(InvalidData, match=why.replace("[", r"\[")):
        check_schema(parse_document(content.encode(), "x.json", "bench"), "this-1", "the tool")


@pytest.mark.parametrize("content", ['{"a": 1}', "[]", "1"])
def test_a_document_without_a_schema_is_known_by_its_keys(content: str) -> None:
    good = parse_document(b'{"a": 1, "b": 2, "c": 3}', "x.json", "audit")
    check_keys(good, {"a", "b"}, "the tool")
    with pytest.raises(InvalidData, match="not what --audit takes: it lacks"):
        check_keys(parse_document(content.encode(), "x.json", "audit"), {"a", "b"}, "the tool")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match="cannot be read"):
        read_input(tmp_path / "no.json")
