"""Which of the session's streams a client's frames go to.

A session has at most 64 streams in its life, and remembers tracks by stream. So a client that
comes back under its name gets its stream again, and another one never gets a stream whose
tracks may still live. The names that clients choose go no further than this.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sonoedge.service.codes import Refusal
from sonoedge.service.incoming import Refused
from sonoedge.session.intake import MAX_STREAMS

REST_S: Final = 10.0  # ten times the tracker's usual gap, after which all tracks are forgotten


@dataclass(slots=True, kw_only=True)
class _Stream:
    index: int
    taken: bool = True
    last_frame_s: float = -math.inf  # no earlier than the last frame that went to the session


class Streams:
    """Not thread-safe: the service's loop alone calls it.

    Args:
        rest_s: a stream that had frames goes to a client of another name after so long without
            one. A stream that had none goes to it at once.
    """

    def __init__(
        self, rest_s: float = REST_S, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._rest_s = rest_s
        self._clock_s = clock_s
        self._by_name: dict[str, _Stream] = {}
        self._made_up = 0

    def take(self, name: str) -> tuple[str, str]:
        """A stream for a client.

        Args:
            name: the client's; "" for none.

        Returns:
            The name to give it back by, and the session's stream.

        Raises:
            Refused: another client has it, or there is none left at the moment.
        """
        if not name:
            self._made_up += 1
            name = f"\0{self._made_up}"  # no client's: theirs are refused with such a character
        known = self._by_name.get(name)
        if known is None:
            known = self._by_name[name] = _Stream(index=self._index())
        elif known.taken:
            raise Refused(Refusal.STREAM_IN_USE, "another client has the stream of this name")
        known.taken = True
        return name, f"client-{known.index}"

    def give_back(self, name: str, *, had_frames: bool = True) -> None:
        """The client has gone; `had_frames` tells whether one of its went to the session."""
        stream = self._by_name[name]
        stream.taken = False
        if had_frames:
            stream.last_frame_s = self._clock_s()

    def _index(self) -> int:
        """Of a stream that nobody had, or that has rested longest."""
        if len(self._by_name) < MAX_STREAMS:
            return len(self._by_name)
        free = [(each.last_frame_s, name) for name, each in self._by_name.items() if not each.taken]
        since_s, name = min(free, default=(math.inf, ""))
        if self._clock_s() - since_s < self._rest_s:
            raise Refused(
                Refusal.TOO_MANY_STREAMS,
                f"frames came under {MAX_STREAMS} names within {self._rest_s:g} s; come back under "
                "the same name, or later",
            )
        return self._by_name.pop(name).index
