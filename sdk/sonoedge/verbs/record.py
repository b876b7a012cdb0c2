"""--record of the verbs that run a live session: its setting, and what it says."""

from __future__ import annotations

import sys
from typing import Any

from sonoedge.errors import InvalidSettings
from sonoedge.recording import Recording, RecordingStatus


def recording_of(folder: str | None, *, blank_outside_region: bool = False) -> Recording | None:
    """What --record FOLDER asks for, None where it was not given; says what that means.

    Raises:
        InvalidSettings: the folder's name is empty, such as an unset variable's.
    """
    if folder is None:
        return None
    if not folder:
        raise InvalidSettings("--record names no folder; leave it out to record nothing")
    shown = (
        "text within the tissue region is recorded"
        if blank_outside_region
        else "the frames may show patients"
    )
    print(
        f"recording around flags and faults into {folder}: {shown}; "
        "its files are readable by you alone",
        file=sys.stderr,
    )
    return Recording(folder=folder, blank_outside_region=blank_outside_region)


def recording_report(status: RecordingStatus | None) -> dict[str, Any]:
    """The report's keys; none where nothing was recorded."""
    if status is None:
        return {}
    return {
        "clips": list(status.clips),
        "clips_failed": status.failed,
        **({"clips_failed_why": status.why} if status.why else {}),
        "frames_not_recorded": status.lost,
    }
