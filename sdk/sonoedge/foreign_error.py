"""Names an exception of foreign code without its text, which may quote a patient's name."""

from __future__ import annotations

import traceback
from pathlib import PurePath


def describe_foreign(error: BaseException) -> str:
    """The exception's type and the line that raised it, as in `ValueError at host.py:41`."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    kind = type(error).__name__
    return f"{kind} at {PurePath(frames[0].filename).name}:{frames[0].lineno}" if frames else kind
