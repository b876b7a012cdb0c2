from __future__ import annotations

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge_export.recipe.frames import LabelledFrames


def test_frames_name_at_least_one_file() -> None:
    with pytest.raises(InvalidSettings, match=r"frames\.json"):
        LabelledFrames(frames=())
