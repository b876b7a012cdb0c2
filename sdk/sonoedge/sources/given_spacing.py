"""The size of a pixel as a person gives it, for live sources that do not say it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace

from sonoedge.errors import InvalidSettings
from sonoedge.sources.live_bounds import spacing_is_credible
from sonoedge.sources.picture import Contents, Picture

Spacing = tuple[float, float]


def spacing_from(text: str) -> Spacing:
    """(rows, columns) millimetres per pixel of "0.2", or of "0.2,0.18".

    Raises:
        InvalidSettings: it is no such text, or no size that a pixel has.
    """
    try:
        values = [float(value) for value in text.split(",")]
    except ValueError:
        values = []
    if len(values) not in (1, 2) or not spacing_is_credible(*values):
        raise InvalidSettings(
            f"--spacing is {text!r}; it must be millimetres per pixel, 0.01 to 2, such as 0.2, or "
            "0.2,0.18 of rows and columns"
        )
    return values[0], values[-1]


def spaced(open_device: Callable[[], Contents], spacing_mm: Spacing) -> Callable[[], Contents]:
    """What opens the device, giving its pictures this spacing where they have none.

    It holds for pictures of the size of the first one: others are scaled, and have none again.
    """
    size: list[tuple[int, ...]] = []

    def given(picture: Picture) -> Picture:
        if not size:
            size.append(picture.pixels.shape[:2])
        if picture.spacing_mm is not None or picture.pixels.shape[:2] != size[0]:
            return picture
        return replace(picture, spacing_mm=spacing_mm)

    def opened() -> Contents:
        contents = open_device()

        def pictures() -> Generator[Picture, None, None]:
            with closing(contents.pictures()) as read:
                for picture in read:
                    yield given(picture)

        return replace(contents, pictures=pictures)

    return opened
