"""A caller's settings, checked before anything is opened or started."""

from __future__ import annotations

import dataclasses

from sonoedge.engines.options import EngineOptions
from sonoedge.errors import InvalidSettings
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.settings import plain, read


def check_settings(engine: object, *, roi: object, guard: object, tracking: object) -> None:
    """Refuse what is of the wrong type, down to each field.

    Raises:
        InvalidSettings: the message names the argument, or the field within it.
    """
    if not isinstance(engine, EngineOptions):
        raise InvalidSettings(
            f"engine must be EngineOptions, such as EngineOptions(runtime='openvino'), "
            f"not {engine!r}"
        )
    _check("roi", roi, Roi, roi is None, "a Roi")
    _check("guard", guard, GuardSettings, guard is None, "GuardSettings")
    switch = isinstance(tracking, bool)
    _check("tracking", tracking, TrackingSettings, switch, "True, False or TrackingSettings")


def _check(name: str, value: object, kind: type, plain_value: bool, words: str) -> None:
    if plain_value:
        return
    if not isinstance(value, kind):
        raise InvalidSettings(f"{name} must be {words}, or left out, not {value!r:.80}")
    # A dataclass takes whatever it is given; the strict reader does not.
    read(kind, {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}, name)  # type: ignore[arg-type]
