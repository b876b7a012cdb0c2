"""Labelled frames, as tables of a recipe name them."""

from __future__ import annotations

from dataclasses import dataclass

from sonoedge.errors import InvalidSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledFrames:
    """Labelled frames, named by their files.

    Attributes:
        frames: frames.json files, relative to the recipe.
        split: only frames of this split; None takes all.
    """

    frames: tuple[str, ...]
    split: str | None = None

    def __post_init__(self) -> None:
        if not self.frames:
            raise InvalidSettings("frames must name at least one frames.json")
