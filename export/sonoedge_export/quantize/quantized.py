"""What a quantizer makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantized:
    """A quantized graph.

    Attributes:
        model: the graph's bytes.
        weights: the second file's, where the dialect has two.
        kept_float: layers that compute in float.
        metadata: how it was made, as JSON can hold it.
    """

    model: bytes
    weights: bytes | None = None
    kept_float: tuple[str, ...] = ()
    metadata: dict[str, Any]
