"""What stands beside the network's own answer in a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sonoedge.bundle.heads import Head
from sonoedge.certainty import Certainty


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BuiltHead:
    """A head as it goes into a bundle.

    Attributes:
        files: by path within the bundle.
        report: figures for verification.json.
    """

    entry: Head
    files: Mapping[str, bytes]
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opinions:
    """All that stands beside the network's own answer."""

    heads: tuple[BuiltHead, ...] = ()
    certainty: Certainty | None = None
