from __future__ import annotations

import cv2
import numpy as np
import pytest

from sonoedge.bundle.png import decode_png
from sonoedge.errors import InvalidData
from sonoedge_export.bundle.golden import choose_golden, encode_png
from sonoedge_export.evaluation.outcomes import Outcome


def outcome(suspicion: float, *, analysed: bool = True) -> Outcome:
    return Outcome(
        analysed=analysed,
        label=None,
        patient=None,
        device=None,
        flags=(),
        has_lesion=False,
        dice=0.0,
        lesions=0,
        lesions_found=0,
        false_regions=0,
        suspicion=suspicion if analysed else 0.0,
        flagged=analysed and suspicion >= 0.5,
    )


def outcomes(*suspicions: float | None) -> list[Outcome]:
    """None is a frame that was not analysed."""
    return [outcome(s or 0.0, analysed=s is not None) for s in suspicions]


def test_half_of_the_golden_frames_are_flagged_and_none_is_near_the_threshold() -> None:
    trained = outcomes(0.0, 0.1, 0.51, 0.2, 0.9, 0.49, 0.3, 0.8, 0.0, 0.0)
    chosen = choose_golden(4, trained, [trained], 0.5)
    assert chosen == sorted(set(chosen))
    assert sum(trained[i].flagged for i in chosen) == 2
    assert not {2, 5} & set(chosen)


def test_a_single_golden_frame_is_a_flagged_one() -> None:
    trained = outcomes(0.0, 0.0, 0.9, 0.0)
    assert choose_golden(1, trained, [], 0.5) == [2]


def test_data_of_one_kind_give_as_many_as_wanted_all_the_same() -> None:
    assert len(choose_golden(3, outcomes(0.0, 0.0, 0.0, 0.0), [], 0.5)) == 3
    assert choose_golden(3, outcomes(0.5, 0.51), [], 0.5) == [0, 1]
    assert choose_golden(64, outcomes(0.9, 0.1, 0.5), [], 0.5) == [0, 1, 2]


def test_a_frame_that_any_variant_does_not_analyse_is_never_golden() -> None:
    trained = outcomes(None, 0.9, 0.1, 0.9)
    variant = outcomes(None, None, 0.1, 0.9)
    assert choose_golden(4, trained, [trained, variant], 0.5) == [2, 3]


def test_frames_that_are_all_stopped_are_told_in_words() -> None:
    with pytest.raises(InvalidData, match="not one of the 3 frames is analysed by every variant"):
        choose_golden(2, outcomes(None, 0.9, None), [outcomes(0.1, None, None)], 0.5)


def test_a_frame_is_the_same_once_a_device_has_decoded_it() -> None:
    grey = np.arange(64 * 96, dtype=np.uint8).reshape(64, 96)
    for pixels in (grey, cv2.applyColorMap(grey, cv2.COLORMAP_JET)):
        frame = np.asarray(pixels, dtype=np.uint8)
        assert np.array_equal(decode_png(encode_png(frame), "a"), frame)
