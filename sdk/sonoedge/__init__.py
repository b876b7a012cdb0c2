"""Run trained networks on live ultrasound frames, on the device.

Research and engineering software: not for diagnosis.
"""

from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed, Analysis, FrameGrade, NotAnalysed, Origin, Reason, Region
from sonoedge.engines.open import open
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import SonoedgeError
from sonoedge.frames import Frame, FrameMeta
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.session import Counters, LiveSession, State, Status, live

__version__ = "0.1.0"

__all__ = [
    "Analysed",
    "Analyser",
    "Analysis",
    "Counters",
    "EngineOptions",
    "Frame",
    "FrameGrade",
    "FrameMeta",
    "GuardSettings",
    "LiveSession",
    "NotAnalysed",
    "Origin",
    "Reason",
    "Region",
    "Roi",
    "SonoedgeError",
    "State",
    "Status",
    "TrackingSettings",
    "__version__",
    "live",
    "open",
]
