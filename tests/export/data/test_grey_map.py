"""A scanner's grey map, from two sets of frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from sonoedge.errors import InvalidData
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge_export.data.grey_map import grey_map
from sonoedge_export.data.labelled import Entry

SPEC = PreprocessSpec(height=64, width=64)
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Drawn(Entry):
    shown: Pixels

    def pixels(self) -> Pixels:
        return self.shown


def drawn(shown: Pixels) -> Drawn:
    return Drawn(
        image=Path("drawn.png"),
        mask=None,
        label=None,
        split=None,
        patient=None,
        device=None,
        flags=(),
        spacing_mm=None,
        shown=shown,
    )


def frames(change: float, *, border: int = 0, count: int = 12) -> list[Entry]:
    """Speckle in 64 x 64, its levels to the power of `change`, with a black border."""
    made: list[Entry] = []
    for n in range(count):
        speckle = np.random.default_rng(n).rayleigh(60, (64, 64)).clip(1, 255) / 255
        shown = np.rint(speckle**change * 255).clip(1, 255).astype(np.uint8)
        shown[:, :border] = 0
        made.append(drawn(shown))
    return made


def mapped(entries: list[Entry], levels: tuple[int, ...]) -> Pixels:
    preprocess = Preprocess(PreprocessSpec(height=64, width=64, grey_map=levels))
    return np.stack([preprocess(e.pixels())[0][0, 0].copy() for e in entries])


def test_frames_of_one_distribution_get_nearly_no_change() -> None:
    levels = np.array(grey_map(frames(1.0), frames(1.0), SPEC))
    seen = np.unique(np.stack([e.pixels() for e in frames(1.0)]))
    assert (np.abs(levels[seen].astype(int) - seen) <= 1).all()


@pytest.mark.parametrize("change", [0.6, 1.7])
def test_another_scanners_grey_curve_is_undone(change: float) -> None:
    there, here = frames(1.0), frames(change)
    levels = grey_map(here, there, SPEC)
    before = np.stack([e.pixels() for e in here]).astype(float)
    wanted = np.stack([e.pixels() for e in there]).astype(float)
    after = mapped(here, levels).astype(float)
    assert np.abs(before - wanted).mean() > 20
    assert np.abs(after - wanted).mean() < 1.5


def test_black_stays_black_and_does_not_count() -> None:
    bordered, plain = frames(1.7, border=40), frames(1.7)
    levels = np.array(grey_map(bordered, frames(1.0), SPEC))
    assert levels[0] == 0
    whole = np.array(grey_map(plain, frames(1.0), SPEC))
    assert np.abs(levels[20:200].astype(int) - whole[20:200]).max() <= 8


def test_no_frames_or_black_ones_are_refused() -> None:
    black = [drawn(np.zeros((64, 64), np.uint8))]
    for wrong in ([], black):
        with pytest.raises(InvalidData, match="all black"):
            grey_map(wrong, frames(1.0), SPEC)
