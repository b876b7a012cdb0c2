"""Were the layers compiled in int8 that are meant in int8?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol

from sonoedge.bundle import Bundle, Variant
from sonoedge.errors import EngineBuildFailed

NAMED: Final = 5  # nodes that a sentence names


class Report(Protocol):
    """What a builder reports; see `sonoedge_runtimes.trt_build`."""

    def not_int8(self, nodes: Collection[str]) -> tuple[str, ...]:
        """Those of the nodes that do not compute in int8."""
        ...

    def unlisted(self, nodes: Collection[str]) -> tuple[str, ...]:
        """Those of the nodes of which the builder's list of layers says nothing."""
        ...


def meant_int8(bundle: Bundle, variant: Variant) -> tuple[str, ...]:
    """Nodes of a variant's graph that export quantized; empty where none are known."""
    said = bundle.manifest.lineage.get("quantized")
    of_variant = said.get(variant.id) if isinstance(said, Mapping) else None
    nodes = of_variant.get("int8_nodes") if isinstance(of_variant, Mapping) else None
    return tuple(str(n) for n in nodes) if isinstance(nodes, list | tuple) else ()


def in_int8(report: Report, meant: Collection[str], *, accept: bool) -> tuple[str, ...]:
    """What is to be said of how the nodes were compiled that are meant in int8.

    Raises:
        EngineBuildFailed: some were compiled in float, and that is not accepted.
    """
    if not meant:
        return ()
    unlisted = report.unlisted(meant)
    in_float = sorted(set(report.not_int8(meant)) - set(unlisted))
    notes = []
    if unlisted:
        notes.append(
            f"the builder's log does not tell the precision of {len(unlisted)} of {len(meant)} "
            f"layers meant in int8: {_named(unlisted)}"
        )
    if in_float:
        said = (
            f"{len(in_float)} of {len(meant)} layers meant in int8 were compiled in float: "
            f"{_named(in_float)}"
        )
        if not accept:
            raise EngineBuildFailed(f"{said}; --accept-float keeps such an engine")
        notes.append(said)
    return tuple(notes)


def _named(nodes: Sequence[str]) -> str:
    more = f", and {len(nodes) - NAMED} more" if len(nodes) > NAMED else ""
    return f"{', '.join(nodes[:NAMED])}{more}"
