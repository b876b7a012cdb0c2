"""Run trained networks on live ultrasound frames, on the device.

Research and engineering software: not for diagnosis.

Names are imported when they are first used, so that the command line answers at once, and a
process that needs one module does not load them all.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sonoedge.analyser import Analyser
    from sonoedge.analysis import (
        Analysed,
        Analysis,
        FrameGrade,
        NotAnalysed,
        Origin,
        Reason,
        Region,
    )
    from sonoedge.engines.open import open
    from sonoedge.engines.options import EngineOptions
    from sonoedge.errors import SonoedgeError
    from sonoedge.frames import Frame, FrameMeta
    from sonoedge.guard import GuardSettings
    from sonoedge.processing.evidence import EvidenceSettings
    from sonoedge.processing.geometry import Roi
    from sonoedge.processing.tracking import TrackingSettings
    from sonoedge.recording import Recording
    from sonoedge.session import Counters, LiveSession, Shadow, State, Status
    from sonoedge.session.start import live

__version__ = "0.1.0"

__all__ = [
    "Analysed",
    "Analyser",
    "Analysis",
    "Counters",
    "EngineOptions",
    "EvidenceSettings",
    "Frame",
    "FrameGrade",
    "FrameMeta",
    "GuardSettings",
    "LiveSession",
    "NotAnalysed",
    "Origin",
    "Reason",
    "Recording",
    "Region",
    "Roi",
    "Shadow",
    "SonoedgeError",
    "State",
    "Status",
    "TrackingSettings",
    "__version__",
    "live",
    "open",
]

# name: the module that it is imported from
_MODULES: Final = {
    "Analyser": "sonoedge.analyser",
    "Analysed": "sonoedge.analysis",
    "Analysis": "sonoedge.analysis",
    "FrameGrade": "sonoedge.analysis",
    "NotAnalysed": "sonoedge.analysis",
    "Origin": "sonoedge.analysis",
    "Reason": "sonoedge.analysis",
    "Region": "sonoedge.analysis",
    "open": "sonoedge.engines.open",
    "EngineOptions": "sonoedge.engines.options",
    "SonoedgeError": "sonoedge.errors",
    "Frame": "sonoedge.frames",
    "FrameMeta": "sonoedge.frames",
    "GuardSettings": "sonoedge.guard",
    "EvidenceSettings": "sonoedge.processing.evidence",
    "Roi": "sonoedge.processing.geometry",
    "TrackingSettings": "sonoedge.processing.tracking",
    "Recording": "sonoedge.recording",
    "Counters": "sonoedge.session",
    "LiveSession": "sonoedge.session",
    "Shadow": "sonoedge.session",
    "State": "sonoedge.session",
    "Status": "sonoedge.session",
    "live": "sonoedge.session.start",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module."""
    if name not in _MODULES:
        raise AttributeError(f"module 'sonoedge' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
