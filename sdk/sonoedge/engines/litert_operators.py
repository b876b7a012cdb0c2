"""Which operators of a LiteRT model its fast kernels (XNNPACK) leave to the plain ones.

LiteRT says nothing when it does so, and a plain convolution takes many times as long.
"""

from __future__ import annotations

import math
from typing import Any, Final

DELEGATE: Final = "DELEGATE"
FEWEST_VALUES: Final = 64  # an operator that computes fewer is no loss anywhere
# Layers: where one of them is off the fast path, the model is not fit for this machine.
WEIGHTED: Final = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")


def off_fast_path(interpreter: Any) -> tuple[str, ...]:
    """Names of such operators, sorted; one for each that runs.

    The interpreter lists every operator of the file, and then its delegates, each of which
    stands for some of them. What runs is what the outputs need.

    Args:
        interpreter: an `ai_edge_litert.interpreter.Interpreter`, its tensors allocated.
    """
    made_by = {}
    for operator in interpreter._get_ops_details():
        for tensor in operator["outputs"]:
            made_by[int(tensor)] = operator
    shapes = {t["index"]: t["shape"] for t in interpreter.get_tensor_details()}
    waiting = [int(output["index"]) for output in interpreter.get_output_details()]
    running: dict[int, dict[str, Any]] = {}
    while waiting:
        operator = made_by.get(waiting.pop())
        if operator is not None and operator["index"] not in running:
            running[operator["index"]] = operator
            waiting += [int(tensor) for tensor in operator["inputs"] if tensor >= 0]
    return tuple(
        sorted(
            str(operator["op_name"])
            for operator in running.values()
            if operator["op_name"] != DELEGATE
            and any(
                math.prod(shapes.get(int(t), (FEWEST_VALUES,))) >= FEWEST_VALUES
                for t in (*operator["inputs"], *operator["outputs"])
                if t >= 0
            )
        )
    )
