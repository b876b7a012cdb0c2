"""The child's side of a Clarius probe, without a process; the rest is in test_clarius.py."""

from __future__ import annotations

import types

import numpy as np
import pytest

from sonoedge.errors import MissingDependency
from sonoedge.sources.clarius_cast import open_caster, pixels_of


def test_grey_and_bgra_are_told_by_their_size() -> None:
    assert pixels_of(bytes(range(6)), 3, 2, 6).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert pixels_of(bytes(range(8)), 2, 1, 8).tolist() == [[[0, 1, 2], [4, 5, 6]]]


def test_a_picture_is_a_copy() -> None:
    data = bytearray(6)
    pixels = pixels_of(data, 3, 2, 6)
    data[0] = 9
    assert pixels[0, 0] == 0


@pytest.mark.parametrize(("width", "height", "size"), [(3, 2, 18), (0, 2, 0), (9000, 1, 9000)])
def test_another_format_or_size_is_refused(width: int, height: int, size: int) -> None:
    with pytest.raises(ValueError):
        pixels_of(bytes(size), width, height, size)


def test_a_size_beyond_the_memory_is_refused() -> None:
    with pytest.raises(ValueError):
        pixels_of(bytes(5), 3, 2, 6)
    assert pixels_of(np.zeros(6, np.uint8).data, 3, 2, 6).shape == (2, 3)


def test_a_release_of_another_form_is_refused() -> None:
    def nothing(*_: object) -> None: ...

    module = types.SimpleNamespace(Caster=lambda only: None)
    with pytest.raises(MissingDependency, match="not known"):
        open_caster(module, nothing, nothing)
