"""Which of the session's streams a client's frames go to.

A session has at most 64 streams in its life, and remembers tracks by stream. So a client that
comes back under its name gets its stream again, and another one never gets a stream whose
tracks may still live. The names that clients choose go no further than this.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sonoedge.service.codes import Refusal
from sonoedge.service.incoming import Refused
from sonoedge.session.intake import MAX_STREAMS

REST_S: Final = 10.0  # ten times the tracker's gap, after which all tracks are forgotten


@dataclass(slots=True, kw_only=True)
class _Stream:
    index: int
    free_since_s: float | None  # None while a client has it


class Streams:
    """Not thread-safe: the service's loop alone calls it.

    Args:
        rest_s: a stream goes to a client of another name after so long without one.
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
            known = self._by_name[name] = _Stream(index=self._index(), free_since_s=None)
        elif known.free_since_s is None:
            raise Refused(Refusal.STREAM_IN_USE, "another client has the stream of this name")
        known.free_since_s = None
        return name, f"client-{known.index}"

    def give_back(self, name: str) -> None:
        """The client has gone."""
        self._by_name[name].free_since_s = self._clock_s()

    def _index(self) -> int:
        """Of a stream that nobody had, or that has rested longest."""
        if len(self._by_name) < MAX_STREAMS:
            return len(self._by_name)
        resting = [
            (stream.free_since_s, name)
            for name, stream in self._by_name.items()
            if stream.free_since_s is not None
        ]
        since_s, name = min(resting, default=(self._clock_s(), ""))
        if self._clock_s() - since_s < self._rest_s or not name:
            raise Refused(
                Refusal.TOO_MANY_STREAMS,
                f"{MAX_STREAMS} names were used within {self._rest_s:g} s; come back under the "
                "same name, or later",
            )
        return self._by_name.pop(name).index
