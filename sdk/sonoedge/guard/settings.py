"""When a frame is stopped."""

from __future__ import annotations

from dataclasses import dataclass

from sonoedge.errors import InvalidSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """When a frame is stopped. None switches a check off.

    Attributes:
        frozen_after_ms: pixels unchanged for this long are a frozen picture, in
            milliseconds of capture time. Scanners repeat a frame now and then, so one
            repetition is no freeze.
        saturated_level: grey level from which a pixel counts as saturated.
        saturated_share: share of saturated pixels that stops a frame, in (0, 1].
        constant_range: a frame whose grey levels span no more than this is constant.
        max_side_px: a frame with a longer side is refused.
        black_level: a frame with 99 of 100 pixels at or below this level is black.
        bars_contrast: a picture that does not change with depth, and across it by at
            least this standard deviation in grey levels, is a test picture.
        colour_level: difference of a pixel's channels from which it counts as coloured.
        colour_share: share of coloured pixels that stops a frame, such as a colour
            Doppler overlay gives, in (0, 1].
        air_structure: how much structure at depth still counts as none; a bright near
            field without any is a probe in air. Larger stops more frames; None for
            scenes without structure, such as a homogeneous phantom.
        aspect: smallest and largest width / height of the region of interest, in square
            pixels.
        depth_mm: smallest and largest height of the region of interest in millimetres that
            a spacing may give: another one is a wrong unit or a wrong tag.
        pixel_aspect: smallest and largest width / height of a pixel.
        spacing_required: a frame without `spacing_mm` is stopped.
        probes, presets: those allowed, compared without case; a frame that does not
            name its own is not allowed either.
    """

    frozen_after_ms: float | None = 500.0
    saturated_level: int = 250
    saturated_share: float = 0.5
    constant_range: int = 2
    max_side_px: int = 8192
    black_level: int | None = 20
    bars_contrast: float | None = 20.0
    colour_level: int | None = 64
    colour_share: float = 0.01
    air_structure: float | None = 1.0
    aspect: tuple[float, float] | None = (0.25, 4.0)
    depth_mm: tuple[float, float] | None = (2.0, 400.0)
    pixel_aspect: tuple[float, float] | None = (0.1, 10.0)
    spacing_required: bool = False
    probes: tuple[str, ...] | None = None
    presets: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.frozen_after_ms is not None and not self.frozen_after_ms > 0:
            raise InvalidSettings("frozen_after_ms must be above 0, or None")
        if not 1 <= self.saturated_level <= 255:
            raise InvalidSettings("saturated_level must be 1 to 255")
        if not 0 < self.saturated_share <= 1:
            raise InvalidSettings("saturated_share must be above 0 and at most 1")
        if not 0 <= self.constant_range <= 254:
            raise InvalidSettings("constant_range must be 0 to 254")
        if self.black_level is not None and not 0 <= self.black_level <= 254:
            raise InvalidSettings("black_level must be 0 to 254, or None")
        if self.bars_contrast is not None and not self.bars_contrast > 0:
            raise InvalidSettings("bars_contrast must be above 0, or None")
        if self.colour_level is not None and not 1 <= self.colour_level <= 255:
            raise InvalidSettings("colour_level must be 1 to 255, or None")
        if not 0 < self.colour_share <= 1:
            raise InvalidSettings("colour_share must be above 0 and at most 1")
        if self.air_structure is not None and not self.air_structure > 0:
            raise InvalidSettings("air_structure must be above 0, or None")
        for name in ("aspect", "depth_mm", "pixel_aspect"):
            limits = getattr(self, name)
            if limits is not None and not 0 < limits[0] <= limits[1]:
                raise InvalidSettings(
                    f"{name} must be (smallest, largest) with 0 < smallest, or None"
                )
        for name in ("probes", "presets"):
            if getattr(self, name) == ():
                raise InvalidSettings(f"{name} must name at least one, or be left out")
