"""The walk over a graph for external data answers as Python's does."""

from __future__ import annotations

import random
from pathlib import Path

from c_reader import Reader
from fuzz import mutation
from sonoedge.bundle.inline_data import check_inline
from sonoedge.errors import UnsafeContent

GRAPH = (Path(__file__).parents[5] / "tests/data/tiny/graphs/fp32.onnx").read_bytes()


def field(number: int, content: bytes) -> bytes:
    size, head = len(content), bytes([number << 3 | 2])
    while size > 127:
        head, size = head + bytes([size & 127 | 128]), size >> 7
    return head + bytes([size]) + content


def test_graphs_are_judged_alike(reader: Reader) -> None:
    rng = random.Random(1)
    tensor = field(8, b"w")
    graphs = [GRAPH, b"", field(7, b""), field(7, field(5, tensor + b"\x70\x01"))]
    graphs += [
        field(7, field(5, tensor + field(13, b"x"))),
        field(7, field(5, tensor + b"\x70\x00")),
    ]
    graphs += [field(7, field(1, field(5, field(6, field(5, field(13, b""))))))]
    graphs += [b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x38" + b"\x80" * 9 + b"\x02"]
    deep = b""
    for _ in range(40):  # an attribute's graph, within a node, within a graph
        deep = field(1, field(5, field(6, deep)))
    graphs += [field(7, deep), field(7, deep[:60])]
    graphs += [mutation.mutated(rng, rng.choice((GRAPH, *graphs[3:7]))) for _ in range(3_000)]
    taken = 0
    for graph, answer in zip(graphs, reader.answers("x", [(g, 0) for g in graphs]), strict=True):
        try:
            check_inline(graph, "graph.onnx")
            why = ""
        except UnsafeContent as error:
            why = str(error)
        assert answer.startswith(b"!") == bool(why), graph
        assert (b"external data" in answer) == ("external data" in why), graph
        taken += not why
    assert 50 < taken < 2_950
