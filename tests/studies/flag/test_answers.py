from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sonoedge
from conformance.pictures import speckle, with_discs
from sonoedge import EngineOptions
from studies.flag.answers import AnsweredClip, answered
from studies.flag.clips import Clip

TINY = Path(__file__).parents[2] / "data" / "tiny"


class Drawn(Clip):
    """Three frames: a disc, one that is not analysed, and no disc."""

    asked = 0

    def frames(self):  # type: ignore[no-untyped-def]
        type(self).asked += 1
        disc, none = with_discs(speckle(1, 120, 160), (650, 500, 200, 10)), speckle(2, 120, 160)
        for number, pixels in enumerate((disc, np.full_like(none, 90), none)):
            yield pixels, number * 10**8, number == 0


def test_what_was_answered_is_not_asked_again(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    clips = [Drawn(kind="sweep", name=name, group="set", folder=tmp_path, rows=()) for name in "ab"]
    engine = EngineOptions(variant="onnxruntime-fp32", threads=1)
    with sonoedge.open(TINY, engine, tracking=False) as analyser:
        first = answered(analyser, clips[:1], tmp_path / "kept")
        assert Drawn.asked == 1
        both = answered(analyser, clips, tmp_path / "kept")
        assert Drawn.asked == 2
    assert both[0] == first[0]
    check(first[0])


def check(clip: AnsweredClip) -> None:
    disc, flat, none = clip.frames
    assert (disc.wanted, disc.reason, flat.reason, none.wanted) == (True, "", "CONSTANT", False)
    ((x0, _, x1, _, suspicion),) = disc.regions
    assert 0 <= x0 < x1 <= 160
    assert disc.flagged == (suspicion >= 0.5)
    assert not flat.flagged
    assert flat.regions == ()
