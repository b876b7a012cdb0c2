from __future__ import annotations

import json

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.strict_json import MOST_BYTES, MOST_LEVELS, object_of_version, parse_json

DOCUMENT = {"a": [1, -2.5, None, True, "ü\n\ud83d\ude00"], "b": {"c": {}}, "d": 2**63 - 1}

REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not valid JSON"),
    "cut": (b'{"a": 1', "not valid JSON"),
    "something behind the document": (b"{} x", "not valid JSON"),
    "UTF-16": (json.dumps(DOCUMENT).encode("utf-16"), "not UTF-8"),
    "UTF-16 without a mark": ('{"a": 1}'.encode("utf-16-le"), "not valid JSON"),
    "Latin-1": ('{"a": "ü"}'.encode("latin-1"), "not UTF-8 text: byte 7"),
    "byte order mark": (b"\xef\xbb\xbf{}", "byte order mark"),
    "encoded surrogate": (b'"\xed\xa0\x80"', "not UTF-8"),
    "NaN": (b"[NaN]", "NaN is not a number"),
    "Infinity": (b"[-Infinity]", "-Infinity is not a number"),
    "1e999": (b"[1e999]", "too large for a double"),
    "a million digits": (b"[" + b"1" * 1_000_000 + b"]", "64 bits"),
    "a fraction of a million digits": (b"[1." + b"1" * 1_000_000 + b"]", "1000002 characters"),
    "2^63": (b"[9223372036854775808]", "64 bits"),
    "-2^63 - 1": (b"[-9223372036854775809]", "64 bits"),
    "doubled key": (b'{"a": 1, "b": {"c": 1, "c": 2}}', "'c' stands twice"),
    "doubled key, one escaped": (b'{"a": 1, "\\u0061": 2}', "'a' stands twice"),
    "half a surrogate pair": (b'["\\ud800"]', "half a surrogate pair"),
    "half a surrogate pair as a key": (b'{"\\uDC00": 1}', "half a surrogate pair"),
    "control character in a string": (b'["\x1b"]', "not valid JSON"),
    "deep list": (b"[" * 200_000, "nested more than"),
    "deep object": (b'{"a":' * 200_000, "nested more than"),
    "deep behind strings with brackets": (b'["]]]]\\"]",' * 40, "nested more than"),
    "long": (b'"' + b" " * MOST_BYTES + b'"', "at most 1048576 are read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_two_readers_could_read_differently_is_refused(name: str) -> None:
    data, message = REFUSED[name]
    with pytest.raises(InvalidSettings, match=message) as refusal:
        parse_json(data, "index.json")
    assert str(refusal.value).startswith("index.json ")
    assert len(str(refusal.value)) < 200


def test_a_plain_document_reads_as_by_any_reader() -> None:
    for text in (json.dumps(DOCUMENT), json.dumps(DOCUMENT, indent=1, ensure_ascii=True)):
        assert parse_json(text.encode(), "a") == json.loads(text)


def test_brackets_within_strings_are_not_nesting() -> None:
    text = json.dumps([f'{"[" * 100}\\"{"{" * 100}'])
    assert parse_json(text.encode(), "a") == json.loads(text)


def test_nesting_is_read_up_to_its_limit_and_no_deeper() -> None:
    deepest = b"[" * MOST_LEVELS + b"]" * MOST_LEVELS
    assert parse_json(deepest, "a") == json.loads(deepest)
    with pytest.raises(InvalidSettings, match="more than 32 levels"):
        parse_json(b"[" + deepest + b"]", "a")


def test_a_reader_sets_its_own_limits() -> None:
    assert parse_json(b"[[]]", "a", most_levels=2, most_bytes=4) == [[]]
    with pytest.raises(InvalidSettings, match="1 levels"):
        parse_json(b"[[]]", "a", most_levels=1)
    with pytest.raises(InvalidSettings, match="at most 3"):
        parse_json(b"[[]]", "a", most_bytes=3)


@pytest.mark.parametrize("unit", [b'\\"', b'"\\', b'"', b"[]", b'\\u0041"', b"\\"])
def test_the_longest_text_of_any_kind_comes_to_an_end(unit: bytes) -> None:
    # A reader that tried again from each quote would be at it for hours.
    with pytest.raises(InvalidSettings):
        parse_json(b'"' + unit * (MOST_BYTES // len(unit) - 2), "a")


def test_the_last_of_many_keys_may_be_the_doubled_one() -> None:
    keys = [*(f'"{n}":0' for n in range(100_000)), '"99999":1']
    with pytest.raises(InvalidSettings, match="'99999' stands twice"):
        parse_json(f"{{{','.join(keys)}}}".encode(), "a", most_bytes=1 << 21)


@pytest.mark.parametrize("value", [5, "x", [{"schema_version": 2}], None])
def test_what_is_no_object_is_not_of_another_version(value: object) -> None:
    with pytest.raises(InvalidSettings, match=r"^a.json is not a JSON object$"):
        object_of_version(value, "a.json", 2)


@pytest.mark.parametrize("version", [1, 2.0, True, "2", None, [2]])
def test_another_version_is_named_and_none_is_said_to_be_none(version: object) -> None:
    with pytest.raises(InvalidSettings, match=r"a.json has schema version .*, this .* reads 2"):
        object_of_version({"schema_version": version}, "a.json", 2)
    with pytest.raises(InvalidSettings, match=r"^a.json has no schema_version$"):
        object_of_version({}, "a.json", 2)
    assert object_of_version({"schema_version": 2}, "a.json", 2) == {"schema_version": 2}
