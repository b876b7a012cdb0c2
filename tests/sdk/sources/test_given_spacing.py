"""A spacing that a person gives, where the source has none."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.sources import open_source
from sonoedge.sources.given_spacing import spaced, spacing_from
from sonoedge.sources.picture import Contents, Picture


def test_one_number_is_a_square_pixel_and_two_are_rows_and_columns() -> None:
    assert spacing_from("0.2") == (0.2, 0.2)
    assert spacing_from("0.2,0.18") == (0.2, 0.18)


@pytest.mark.parametrize("text", ["", "x", "0.2,", "0.2,0.2,0.2", "200", "0", "nan", "-0.2"])
def test_what_no_pixel_measures_is_refused(text: str) -> None:
    with pytest.raises(InvalidSettings, match="millimetres per pixel"):
        spacing_from(text)


def test_it_never_goes_before_the_sources_own_and_holds_for_one_size() -> None:
    small, large = np.zeros((2, 3), np.uint8), np.zeros((4, 6), np.uint8)

    def pictures() -> Generator[Picture, None, None]:
        yield Picture(pixels=small)
        yield Picture(pixels=small, spacing_mm=(0.5, 0.4))
        yield Picture(pixels=large)
        yield Picture(pixels=small)

    device = spaced(lambda: Contents(name="d", pictures=pictures, count=None), (0.2, 0.1))
    given = [picture.spacing_mm for picture in device().pictures()]
    assert given == [(0.2, 0.1), (0.5, 0.4), None, (0.2, 0.1)]
    assert [picture.spacing_mm for picture in device().pictures()] == given  # opened again


def test_a_file_says_its_own() -> None:
    with pytest.raises(InvalidSettings, match="live"):
        open_source("clip.mp4", spacing_mm=(0.2, 0.2))
