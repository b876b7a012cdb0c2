"""A caller's settings are refused by name, down to the field."""

from __future__ import annotations

import pytest

from sonoedge import EngineOptions, GuardSettings, Roi, TrackingSettings
from sonoedge.engines.settings_check import check_settings
from sonoedge.errors import InvalidSettings

ENGINE = EngineOptions()


def test_settings_of_the_right_types_pass() -> None:
    check_settings(ENGINE, roi=None, guard=None, tracking=True)
    roi = Roi(x0=0, y0=0, x1=10, y1=10)
    check_settings(ENGINE, roi=roi, guard=GuardSettings(), tracking=TrackingSettings())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"engine": "openvino"}, "engine must be EngineOptions"),
        ({"roi": (0, 0, 9, 9)}, "roi must be a Roi"),
        ({"guard": True}, "guard must be GuardSettings"),
        ({"guard": GuardSettings(probes="L12")}, "guard.probes must be a list"),  # type: ignore[arg-type]
        ({"tracking": None}, "tracking must be True, False or TrackingSettings"),
    ],
)
def test_what_is_of_another_type_is_named(values: dict[str, object], message: str) -> None:
    given = {"engine": ENGINE, "roi": None, "guard": None, "tracking": True} | values
    with pytest.raises(InvalidSettings, match=message):
        check_settings(given.pop("engine"), **given)  # type: ignore[arg-type]
