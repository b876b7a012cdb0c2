from __future__ import annotations

from typing import Any

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.measure import GROUPS, MeasureSettings
from sonoedge.settings import read


def test_an_empty_table_measures_all_groups_without_words() -> None:
    settings = read(MeasureSettings, {})
    assert settings.groups == GROUPS
    assert settings.words is None


@pytest.mark.parametrize(
    "table",
    [
        {"groups": []},
        {"groups": ["glcm", "shape"]},
        {"groups": ["shape", "shape"]},
        {"groups": ["colour"]},
        {"diameter_px": 16},
        {"diameter_px": 256},
        {"words": "liver"},
        {"words": "breast", "groups": ["glcm"]},
    ],
)
def test_other_settings_are_refused(table: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings):
        read(MeasureSettings, table)
