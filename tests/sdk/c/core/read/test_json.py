"""The native library takes the documents that Python takes, and nothing else, with equal values."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from c_reader import Reader, c_hex
from fuzz import mutation, trees
from sonoedge.errors import InvalidSettings
from sonoedge.strict_json import parse_json

SEEDS: list[Any] = [
    {
        "a": [1, -1, 0, 2**63 - 1, -(2**63) + 1, 0.1, -2.5e-7, 1e308, 5e-324],
        "é": "\u00e9\U0001f600",
    },
    [True, False, None, "", 'a\\b"c/\b\f\n\r\t\u0001', {"": {"a": {}}}, [[], [[]]]],
    {str(n): n for n in range(40)},
    "text",
    -0.0,
]
# Pieces that mutation alone would hardly make.
TEXTS = [
    *(
        "",
        " ",
        "\ufeff1",
        "NaN",
        "-Infinity",
        "Infinity",
        "-",
        "01",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
    ),
    *("1E5", "-0", "-0.0", "0e0", "1e400", "-1e400", "1e-400", "9223372036854775807", "+1", "1_0"),
    *("9223372036854775808", "-9223372036854775807", "-9223372036854775808", "1" * 101, "1" * 20),
    *("0." + "1" * 98, "0." + "1" * 99, "1e" + "0" * 98, "1e" + "0" * 99, "tru", "nul", "[1,]"),
    *('{"a":1,}', "{,}", "[,]", '{"a" 1}', "{a:1}", "'a'", '"\\x41"', '"\\u12"', '"\\u123g"', '"a'),
    *('"\\ud800"', '"\\udc00"', '"\\ud83d\\ude00"', '"\\ud83d\\u0041"', '"\\ud83dx"', '"\\uD83D"'),
    *('"\t"', '"\x7f"', '"\\u0000"', '{"\\u0061":1,"a":2}', '{"a":1,"a":1}', '"a"b', "[1] [2]"),
    *("[" * 32 + "]" * 32, "[" * 33 + "]" * 33, '{"a":' * 32 + "1" + "}" * 32, "\x0c1", "\u00a01"),
    *(
        '{"\\ud800":1}',
        '["\\ud800\\ud800\\udc00"]',
        "1 ",
        "\t\r\n 1",
        '"\\/"',
        '"\\',
        '"\\"',
        "{}{}",
    ),
    *(
        "0.1e1",
        "123456789012345678901e0",
        "2.2250738585072011e-308",
        "1.7976931348623159e308",
        "-a",
    ),
]
BYTES = [b"\xff", b'"\xc3"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xc0\xaf"', b"\xfe\xff1"]


def dump(value: Any) -> bytes:
    """A value as dump.c writes it."""
    if value is None or isinstance(value, bool):
        return {None: b"n", True: b"t", False: b"f"}[value]
    if isinstance(value, int):
        return b"i%d;" % value
    if isinstance(value, float):
        return f"d{c_hex(value)};".encode()
    if isinstance(value, str):
        return b"s%d:" % len(value.encode()) + value.encode()
    if isinstance(value, list):
        return b"[" + b"".join(map(dump, value)) + b"]"
    return b"{" + b"".join(dump(key) + dump(item) for key, item in value.items()) + b"]"


def expected(data: bytes) -> bytes:
    try:
        return dump(parse_json(data, "document"))
    except InvalidSettings:
        return b"!"


def same(reader: Reader, documents: list[bytes]) -> int:
    """How many were taken, by both alike."""
    taken = 0
    answers = reader.answers("j", [(data, 0) for data in documents])
    for data, answer in zip(documents, answers, strict=True):
        wanted = expected(data)
        assert (answer[:1] if wanted == b"!" else answer) == wanted, data
        taken += wanted != b"!"
    return taken


def encoded(value: Any) -> bytes:
    try:
        return json.dumps(value).encode()
    except ValueError:  # Python does not write integers of thousands of digits
        return b""


def test_every_case_that_readers_disagree_on(reader: Reader) -> None:
    assert same(reader, [text.encode() for text in TEXTS] + BYTES) == 20


def test_changed_bytes(reader: Reader) -> None:
    rng = random.Random(1)
    seeds = [*(json.dumps(seed, ensure_ascii=False).encode() for seed in SEEDS)]
    seeds += [json.dumps(seed, indent=1).encode() for seed in SEEDS]
    documents = [mutation.mutated(rng, rng.choice(seeds)) for _ in range(12_000)]
    assert 500 < same(reader, documents) < 11_500


def test_changed_values(reader: Reader) -> None:
    rng = random.Random(2)
    seed = {"rows": SEEDS[:3], "more": SEEDS[3]}
    paths = list(trees.places(seed))
    documents = [encoded(trees.mutated(rng, seed, paths)) for _ in range(4_000)]
    assert 1_000 < same(reader, documents) < 4_000


def test_numbers_of_any_form(reader: Reader) -> None:
    rng = random.Random(3)
    texts = []
    for _ in range(20_000):
        text = rng.choice(("", "-")) + str(rng.randrange(10 ** rng.randrange(1, 22)))
        if rng.random() < 0.5:
            text += f".{rng.randrange(10 ** rng.randrange(1, 40))}"
        if rng.random() < 0.5:
            text += rng.choice("eE") + rng.choice(("", "+", "-")) + str(rng.randrange(330))
        texts.append(text)
    texts += [repr(rng.random() * 10.0 ** rng.randrange(-320, 300)) for _ in range(5_000)]
    assert same(reader, [text.encode() for text in texts]) > 10_000


@pytest.mark.parametrize("count", [1, 16, 17, 5_000])
def test_a_doubled_key_is_seen_in_an_object_of_any_size(reader: Reader, count: int) -> None:
    keys = [f'"{n}":1' for n in range(count)]
    random.Random(count).shuffle(keys)
    for text in ("{" + ",".join(keys) + "}", "{" + ",".join([*keys, keys[0]]) + "}"):
        same(reader, [text.encode()])


def test_a_document_that_is_too_long_is_refused(reader: Reader) -> None:
    longest = b'"' + b"a" * ((1 << 20) - 2) + b'"'
    assert same(reader, [longest, longest + b" ", b"[" + b"0," * 500_000 + b"0]"]) == 2
