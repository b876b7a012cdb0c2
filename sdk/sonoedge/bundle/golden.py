"""What a variant answered to a golden frame: its outputs, and the regions that they gave."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sonoedge.analysis import Region
from sonoedge.errors import InvalidSettings, UnsafeContent
from sonoedge.runtime import Tensors
from sonoedge.settings import plain, read
from sonoedge.strict_json import parse_json

MOST_BYTES: Final = 4 << 20  # 64 frames of 256 regions


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenRegion:
    """A region of a golden frame.

    Attributes:
        box_px: (x0, y0, x1, y1) in source pixels; x1 and y1 exclusive.
        area_px: square source pixels, to three decimals.
        suspicion: in [0, 1], to six decimals.
        flagged: suspicion reached the threshold.
    """

    box_px: tuple[int, int, int, int]
    area_px: float
    suspicion: float
    flagged: bool

    def __post_init__(self) -> None:
        if not 0 <= self.suspicion <= 1:
            raise InvalidSettings("suspicion must be 0 to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenRegions:
    """A golden frame's regions, most suspicious first.

    Attributes:
        flagged: some region is flagged.
    """

    flagged: bool
    regions: tuple[GoldenRegion, ...]

    def __post_init__(self) -> None:
        if self.flagged != any(region.flagged for region in self.regions):
            raise InvalidSettings("flagged must be true where a region is flagged, else false")

    @property
    def suspicion(self) -> float:
        """The most suspicious region's; 0 where there is none."""
        return max((region.suspicion for region in self.regions), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GoldenAnswer:
    """A variant's answer to one golden frame, as it was verified at export.

    Attributes:
        outputs: the engine's, by tensor name.
        expected: the regions and flags that these outputs gave.
    """

    outputs: Tensors
    expected: GoldenRegions


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    frames: tuple[GoldenRegions, ...]


def golden_regions(regions: Iterable[Region]) -> GoldenRegions:
    """Regions as a bundle keeps them."""
    golden = tuple(
        GoldenRegion(
            box_px=region.box_px,
            area_px=round(region.area_px, 3),
            suspicion=round(region.suspicion, 6),
            flagged=region.flagged,
        )
        for region in regions
    )
    return GoldenRegions(flagged=any(region.flagged for region in golden), regions=golden)


def write_regions(of_frames: Sequence[GoldenRegions]) -> bytes:
    """The JSON file of a variant's golden regions, one entry per golden frame."""
    text = json.dumps(plain(_File(frames=tuple(of_frames))), indent=1, allow_nan=False)
    return (text + "\n").encode()


def read_regions(data: bytes, name: str, frames: int) -> tuple[GoldenRegions, ...]:
    """Read what `write_regions` wrote.

    Args:
        name: the file, for messages.
        frames: how many golden frames there are.

    Raises:
        UnsafeContent: it is no such file, or of another number of frames.
    """
    try:
        golden = read(_File, parse_json(data, name, most_bytes=MOST_BYTES)).frames
    except InvalidSettings as error:
        raise UnsafeContent(f"{name} holds no golden regions: {error}") from None
    if len(golden) != frames:
        raise UnsafeContent(f"{name} holds regions of {len(golden)} frames, not of {frames}")
    return golden
