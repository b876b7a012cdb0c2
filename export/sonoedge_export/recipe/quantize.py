"""The recipe's [quantize] section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sonoedge.errors import InvalidSettings

Form = Literal["qdq", "qoperator"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantize:
    """How the int8 graphs are made.

    Attributes:
        keep_float: names of layers (nodes of the ONNX graph) that stay in float.
        outer_float: the first and the last layers stay in float as well, unless there are
            no others. They are small; the first reads the frame, the last make the logits.
            Not for graphs that a device builds.
        form: how ONNX Runtime's graph is written; "fastest" measures both.
        reduce_range: halve the range of int8 weights on CPUs, so that no sum of two
            8-bit products overflows on x86 without VNNI or AMX; "auto" does where this
            processor is such a one. Whole ranges are more exact, but where they overflow a
            variant that has them is refused.
        rescue: when a gate fails, keep the worst layers in float, more and more of them,
            until it passes or the speed is gone.
        most_float: largest share of the layers that is kept so.
    """

    keep_float: tuple[str, ...] = ()
    outer_float: bool = True
    form: Literal["qdq", "qoperator", "fastest"] = "fastest"
    reduce_range: Literal["auto", "always", "never"] = "auto"
    rescue: bool = True
    most_float: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.most_float <= 1:
            raise InvalidSettings("most_float must be 0 to 1")
