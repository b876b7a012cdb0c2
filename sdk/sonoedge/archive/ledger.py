"""What was done when, by whom and how long it took: beside the record, and never part of it."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from sonoedge.archive.outcome import Done, ItemOutcome
from sonoedge.bounded_read import read_bounded
from sonoedge.closing import Closing
from sonoedge.durable import replace_durably
from sonoedge.errors import InvalidSettings
from sonoedge.strict_json import parse_json

LEDGER: Final = "ledger.jsonl"
STATUS: Final = "status.json"
ENDED: Final = "ended"
_EVERY_S: Final = 2.0
_NONE: Final[Mapping[str, int]] = {}
_LONGEST_STATUS: Final = 1 << 16


class Ledger(Closing):
    """Appends a line of JSON for each item, and keeps a file that says how far it has come.

    Items stand in it by their ids: their names are in the parts alone.

    Args:
        out: the screening's folder.
        clock_s: the monotonic clock.
        wall_s: the wall clock.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(
        self,
        out: Path,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self._out, self._clock_s, self._wall_s = out, clock_s, wall_s
        self._file = os.open(
            out / LEDGER, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666
        )
        self._begin_s = clock_s()
        self._next_s = self._begin_s
        self.outcomes: Counter[str] = Counter()
        self.kept = self.frames = 0

    def add(self, done: Done) -> None:
        """An item's line.

        Raises:
            OSError: it cannot be written.
        """
        self.outcomes[done.outcome.value] += 1
        self.kept += done.kept
        self.frames += 0 if done.kept else done.frames
        if not done.kept:
            self._write(
                {
                    "at": round(self._wall_s(), 3),
                    "item": done.item,
                    "outcome": done.outcome.value,
                    "frames": done.frames,
                    "seconds": done.seconds,
                    "tries": done.tries,
                    "worker": done.worker,
                }
            )
        now_s = self._clock_s()
        if now_s >= self._next_s:
            self._next_s = now_s + _EVERY_S
            self.status("running")

    @property
    def items(self) -> int:
        """How many have their part."""
        return sum(self.outcomes.values())

    @property
    def failed(self) -> int:
        """How many of them failed."""
        return self.items - self.outcomes[ItemOutcome.DONE.value]

    def status(self, state: str, left_out: Mapping[str, int] = _NONE) -> dict[str, Any]:
        """Write and return how far it has come.

        Args:
            state: "running", "stopped" or "ended".
            left_out: what is no item, by why.

        Raises:
            OSError: it cannot be written.
        """
        seconds = self._clock_s() - self._begin_s
        values = {
            "state": state,
            "items": self.items,
            "kept": self.kept,
            "outcomes": dict(sorted(self.outcomes.items())),
            "left_out": dict(sorted(left_out.items())),
            "frames": self.frames,
            "seconds": round(seconds, 3),
            "frames_per_second": round(self.frames / seconds, 1) if seconds > 0 else None,
        }
        replace_durably(self._out / STATUS, (json.dumps(values, indent=1) + "\n").encode())
        return values

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, values: dict[str, Any]) -> None:
        data = json.dumps(values, separators=(",", ":")).encode() + b"\n"
        while data:
            data = data[os.write(self._file, data) :]


def left_out_by_last_run(out: Path) -> dict[str, int] | None:
    """What the last run left out, by why; None where it did not come to its end."""
    try:
        status = parse_json(read_bounded(out / STATUS, _LONGEST_STATUS), STATUS)
    except (OSError, InvalidSettings):
        return None
    if not isinstance(status, dict) or status.get("state") != ENDED:
        return None
    left_out = status.get("left_out")
    return left_out if isinstance(left_out, dict) else {}
