"""What happened around a flag or fault of a live session, kept, and analysed again."""

from sonoedge.recording.settings import Recording
from sonoedge.recording.status import RecordingStatus

__all__ = ["Recording", "RecordingStatus"]
