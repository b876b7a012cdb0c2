"""What is attacked: a function of bytes that lets only the errors of its contract pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sonoedge.errors import SonoedgeError

Engine = Literal["trees", "bytes", "coverage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An input that is a tree of values: JSON or TOML.

    Attributes:
        trees: documents that are read without an error.
        encode: a tree's bytes, with every checksum over them made right.
    """

    trees: Sequence[Any]
    encode: Callable[[Any], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """One reader.

    Attributes:
        attack: reads the bytes, and uses what it read as the product would.
        seeds: inputs that are read without an error, or nearly.
        engines: those that find most here, see `fuzz.engines`.
        document: what the engine "trees" changes.
        repair: makes the checksums of changed bytes right, so that what lies behind is read.
        tolerated: the errors of the reader's contract.
        suffix: of the files that finds are kept in.
    """

    attack: Callable[[bytes], None]
    seeds: Sequence[bytes]
    engines: tuple[Engine, ...]
    document: Document | None = None
    repair: Callable[[bytes], bytes] | None = None
    tolerated: tuple[type[Exception], ...] = (SonoedgeError,)
    suffix: str = ".bin"
