from __future__ import annotations

import random
from pathlib import Path

import pytest

from sonoedge.bundle.inline_data import check_inline
from sonoedge.errors import UnsafeContent

GRAPH = (Path(__file__).parents[2] / "data/tiny/graphs/fp32.onnx").read_bytes()


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number: int, content: bytes | int) -> bytes:
    """One field of an encoded message."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def within(*numbers: int, content: bytes) -> bytes:
    """A message within messages, by their fields' numbers from the outermost."""
    for number in reversed(numbers):
        content = field(number, content)
    return content


PLACES = {  # by their fields' numbers in onnx.proto
    "initializer": (7, 5),
    "sparse initializer's values": (7, 15, 1),
    "sparse initializer's indices": (7, 15, 2),
    "attribute": (7, 1, 5, 5),
    "attribute's list": (7, 1, 5, 10),
    "attribute's sparse tensor": (7, 1, 5, 22, 1),
    "attribute's list of sparse tensors": (7, 1, 5, 23, 2),
    "graph of an attribute": (7, 1, 5, 6, 5),
    "list of graphs of an attribute": (7, 1, 5, 11, 1, 5, 6, 5),
    "function": (25, 7, 5, 5),
    "function's default of an attribute": (25, 11, 5),
    "training's graph": (20, 2, 5),
}
EXTERNAL = {
    "external_data": field(13, field(1, b"location") + field(2, b"w.bin")),
    "external_data that is empty": field(13, b""),
    "data_location": field(14, 1),
    "data_location behind the weights": field(9, b"1234") + field(14, 1),
}


def test_a_graph_that_holds_its_weights_passes() -> None:
    check_inline(GRAPH, "fp32.onnx")
    check_inline(GRAPH + within(7, 5, content=field(14, 0)), "fp32.onnx")  # said to be inline


@pytest.mark.req("R24")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", EXTERNAL)
def test_external_data_are_refused_wherever_a_tensor_can_lie(place: str, kind: str) -> None:
    data = GRAPH + within(*PLACES[place], content=EXTERNAL[kind])
    with pytest.raises(UnsafeContent, match=r"fp32.onnx takes weights from another file"):
        check_inline(data, "fp32.onnx")


def test_a_tag_that_parsers_would_cut_to_32_bits_is_refused() -> None:
    hidden = varint((1 << 32) + (13 << 3 | 2)) + varint(0)  # external_data, to a parser
    with pytest.raises(UnsafeContent, match="is not encoded as a graph"):
        check_inline(GRAPH + within(7, 5, content=hidden), "fp32.onnx")


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"{}", b"ORTM", GRAPH[:-100], GRAPH + b"\x0b", GRAPH + b"\x00\x00",
     GRAPH + b"\xff" * 20, field(1, 8), within(7, *([1, 5, 6] * 40), content=b"")],
    ids=["nothing", "text", "JSON", "ORT format", "cut", "group", "field 0", "endless number",
         "no graph", "deep"],
)  # fmt: skip
def test_what_is_no_graph_is_refused(data: bytes) -> None:
    with pytest.raises(UnsafeContent, match=r"fp32.onnx is not an ONNX graph"):
        check_inline(data, "fp32.onnx")


def test_more_fields_than_any_graph_has_are_refused() -> None:
    with pytest.raises(UnsafeContent, match="is not encoded as a graph"):
        check_inline(b"\x08\x01" * 4_000_001, "fp32.onnx")


def test_damage_of_any_kind_passes_or_is_refused_and_nothing_else() -> None:
    rng = random.Random(5)
    refused = 0
    for _ in range(2000):
        data = bytearray(GRAPH)
        for _ in range(rng.choice((1, 1, 2, 8))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            check_inline(bytes(data), "fp32.onnx")
        except UnsafeContent:
            refused += 1
    assert refused > 100


def test_a_graph_as_onnx_itself_writes_it_is_refused(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="needs onnx")
    model = onnx.load_from_string(GRAPH)
    onnx.save(
        model, tmp_path / "a.onnx", save_as_external_data=True, location="w.bin", size_threshold=0
    )
    with pytest.raises(UnsafeContent, match="another file"):
        check_inline((tmp_path / "a.onnx").read_bytes(), "a.onnx")
