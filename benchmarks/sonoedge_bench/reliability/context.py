"""What every part of the measurement is given."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.bundle import read_bundle
from sonoedge_bench.reliability.faulty_bundle import make_faulty_bundle

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Bundles, and how much of everything.

    Attributes:
        bundle: whose engine's times are measured.
        small: whose engine runs the long counts, and whose frames the faulty one gets.
        runtime: of the engines measured.
        quick: a tenth to a thousandth of the counts: to see that it works, not to claim.
    """

    bundle: Path
    small: Path
    runtime: str
    quick: bool

    def count(self, full: int, quick: int) -> int:
        """How many repetitions: `full`, or `quick` where the run is a quick one."""
        return quick if self.quick else full


def resized_frames(bundle: Path, size: tuple[int, int] | None = (640, 480)) -> list[Pixels]:
    """The golden frames, resized to (width, height), and mirrored: at least two."""
    frames = read_bundle(bundle).golden_frames()
    if size is not None:
        frames = [np.asarray(cv2.resize(p, size, interpolation=cv2.INTER_AREA)) for p in frames]
    return [*frames, *(np.ascontiguousarray(p[:, ::-1]) for p in frames)]


@contextmanager
def faulty(context: Context, *faults: Mapping[str, Any], base_ms: float = 0.0) -> Iterator[Path]:
    """A faulty bundle that goes when it is not needed any more."""
    items: Sequence[Mapping[str, Any]] = faults
    with tempfile.TemporaryDirectory() as folder:
        yield make_faulty_bundle(context.small, Path(folder) / "faulty", items, base_ms=base_ms)
