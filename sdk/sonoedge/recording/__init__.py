"""What happened around a flag or fault of a live session, kept, and analysed again.

Names are imported when they are first used: a session without a recording loads none of it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

from sonoedge.recording.settings import Recording
from sonoedge.recording.status import RecordingStatus

if TYPE_CHECKING:
    from sonoedge.recording.reading import RecordedClip, read_recording, recordings
    from sonoedge.recording.replay import Replay, replay_clip

__all__ = [
    "RecordedClip",
    "Recording",
    "RecordingStatus",
    "Replay",
    "read_recording",
    "recordings",
    "replay_clip",
]

# name: the module that it is imported from
_MODULES: Final = {
    "RecordedClip": "sonoedge.recording.reading",
    "read_recording": "sonoedge.recording.reading",
    "recordings": "sonoedge.recording.reading",
    "Replay": "sonoedge.recording.replay",
    "replay_clip": "sonoedge.recording.replay",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module."""
    if name not in _MODULES:
        raise AttributeError(f"module 'sonoedge.recording' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(_MODULES[name]), name)
    globals()[name] = value
    return value
