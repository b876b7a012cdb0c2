"""The look into a LiteRT file, held against a reader made of LiteRT's own schema.

What it lets pass must name no code and no weights of others in that reader's eyes either.
"""

from __future__ import annotations

import struct

from ai_edge_litert import schema_py_generated as schema

from fuzz.entry_point import EntryPoint
from fuzz.seeds import TESTS
from sonoedge.bundle.litert_data import check_litert


def attack(data: bytes) -> None:
    check_litert(data, "model.tflite")
    model = schema.Model.GetRootAs(data)
    try:
        codes = [model.OperatorCodes(n) for n in range(model.OperatorCodesLength())]
        custom = any(
            code.CustomCode() is not None or code.BuiltinCode() == schema.BuiltinOperator.CUSTOM
            for code in codes
        )
    except (struct.error, IndexError, TypeError):
        return  # LiteRT refuses it: it verifies a file before it reads one
    assert not custom
    assert model.ExternalBuffersLength() == model.ExternalBufferGroupsLength() == 0


POINT = EntryPoint(
    attack=attack,
    seeds=((TESTS / "data" / "litert" / "tiny.tflite").read_bytes(),),
    engines=("bytes", "coverage"),
    suffix=".tflite",
)
