"""`sonoedge run --live --record`: its setting, and what it says."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from sonoedge.recording import Recording, RecordingStatus


def recording_of(args: argparse.Namespace) -> Recording | None:
    """What --record asks for; says what that means."""
    if not args.record:
        return None
    blank = bool(args.blank_outside_region)
    shown = "text within the tissue region is recorded" if blank else "the frames may show patients"
    print(
        f"recording around flags and faults into {args.record}: {shown}; "
        "its files are readable by you alone",
        file=sys.stderr,
    )
    return Recording(folder=args.record, blank_outside_region=blank)


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
