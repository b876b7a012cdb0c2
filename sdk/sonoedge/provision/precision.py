"""Were the layers compiled in int8 that are meant in int8?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from sonoedge.bundle import Bundle, Variant
from sonoedge.errors import EngineBuildFailed

LISTED_NODES: Final = 5  # nodes that a sentence names


class Report(Protocol):
    """What a builder reports; see `sonoedge_runtimes.trt_build`."""

    def not_int8(self, nodes: Collection[str]) -> tuple[str, ...]:
        """Those of the nodes that do not compute in int8."""
        ...

    def unlisted(self, nodes: Collection[str]) -> tuple[str, ...]:
        """Those of the nodes of which the builder's list of layers says nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Int8Layers:
    """How layers were compiled that are meant in int8.

    Attributes:
        meant: how many.
        in_float: the graph's nodes that compute in float.
        unlisted: those of which the builder's log says nothing.
    """

    meant: int
    in_float: tuple[str, ...]
    unlisted: tuple[str, ...]


def intended_int8(bundle: Bundle, variant: Variant) -> tuple[str, ...]:
    """Nodes of a variant's graph that export quantized; empty where none are known."""
    quantized = bundle.manifest.lineage.get("quantized")
    of_variant = quantized.get(variant.id) if isinstance(quantized, Mapping) else None
    nodes = of_variant.get("int8_nodes") if isinstance(of_variant, Mapping) else None
    return tuple(str(n) for n in nodes) if isinstance(nodes, list | tuple) else ()


def compiled_int8(report: Report, meant: Collection[str]) -> Int8Layers:
    """How nodes were compiled that are meant in int8."""
    unlisted = report.unlisted(meant)
    in_float = sorted(set(report.not_int8(meant)) - set(unlisted))
    return Int8Layers(meant=len(meant), in_float=tuple(in_float), unlisted=tuple(unlisted))


def notes(int8: Int8Layers, *, accept_float: bool) -> list[str]:
    """What is to be said of it.

    Raises:
        EngineBuildFailed: some were compiled in float, and that is not accepted.
    """
    messages = []
    if int8.unlisted:
        messages.append(
            f"the builder's log does not tell the precision of {len(int8.unlisted)} of "
            f"{int8.meant} layers meant in int8: {_list(int8.unlisted)}"
        )
    if int8.in_float:
        messages.append(
            f"{len(int8.in_float)} of {int8.meant} layers meant in int8 were compiled in float: "
            f"{_list(int8.in_float)}"
        )
        if not accept_float:
            raise EngineBuildFailed(f"{messages[-1]}; --accept-float keeps such an engine")
    return messages


def _list(nodes: Sequence[str]) -> str:
    tail = f", and {len(nodes) - LISTED_NODES} more" if len(nodes) > LISTED_NODES else ""
    return f"{', '.join(nodes[:LISTED_NODES])}{tail}"
