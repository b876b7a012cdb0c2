from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.bundle.litert_data import check_litert
from sonoedge.errors import UnsafeContent

FILE = (Path(__file__).parents[2] / "data/litert/tiny.tflite").read_bytes()


def changed(change: Callable[[Any, Any], None]) -> bytes:
    """The file after a change of its model, by LiteRT's own schema."""
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated", reason="needs LiteRT")
    import flatbuffers

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(FILE))
    change(schema, model)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def custom_by_name(schema: Any, model: Any) -> None:
    model.operatorCodes[0].customCode = b"others"


def custom_by_code(schema: Any, model: Any) -> None:
    model.operatorCodes[0].builtinCode = schema.BuiltinOperator.CUSTOM


def custom_by_the_old_code(schema: Any, model: Any) -> None:
    model.operatorCodes[0].deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM


def external_buffer(schema: Any, model: Any) -> None:
    model.externalBuffers = [schema.ExternalBufferT()]


def external_group(schema: Any, model: Any) -> None:
    group = schema.ExternalBufferGroupT()
    group.name = b"weights.bin"
    model.externalBufferGroups = [group]


def data_behind(schema: Any, model: Any) -> None:
    model.buffers[1].offset, model.buffers[1].size = 1 << 20, 16


@pytest.mark.req("R90")
def test_what_an_export_writes_passes() -> None:
    check_litert(FILE, "m.tflite")
    check_litert(changed(lambda schema, model: None), "m.tflite")


@pytest.mark.req("R90")
@pytest.mark.parametrize("change", [custom_by_name, custom_by_code, custom_by_the_old_code])
def test_operators_of_others_are_refused(change: Callable[[Any, Any], None]) -> None:
    with pytest.raises(UnsafeContent, match=r"m\.tflite has operators that need code"):
        check_litert(changed(change), "m.tflite")


@pytest.mark.req("R90")
@pytest.mark.parametrize("change", [external_buffer, external_group, data_behind])
def test_weights_outside_of_the_file_are_refused(change: Callable[[Any, Any], None]) -> None:
    with pytest.raises(UnsafeContent, match=r"m\.tflite takes weights from outside"):
        check_litert(changed(change), "m.tflite")


@pytest.mark.parametrize("data", [b"", b"TFL3", b"\0" * 4 + b"TFL3", FILE[:40], b"\xff" * 100])
def test_other_bytes_are_no_litert_file(data: bytes) -> None:
    with pytest.raises(UnsafeContent, match="is not a LiteRT file"):
        check_litert(data, "m.tflite")


def test_damaged_files_pass_or_are_refused_with_our_error() -> None:
    rng, refused = random.Random(0), 0
    for _ in range(2000):
        data = bytearray(FILE)
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(min(len(data), 400))] = rng.randrange(256)
        try:
            check_litert(bytes(data), "m.tflite")
        except UnsafeContent:
            refused += 1
    assert refused > 100
