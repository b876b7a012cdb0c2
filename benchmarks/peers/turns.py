"""Times peers in turns: each frame goes to all of them before the next one comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from peer import Peer
from subject import Picture

WARM_UP: Final = 5
COLUMNS: Final = ("total", "bare", "cpu", "around")


def turns(
    peers: Sequence[Peer], pictures: Sequence[Picture], count: int, shown: Callable[[int], None]
) -> list[list[tuple[float, ...]]]:
    """Milliseconds of each peer's turns, in the order of `COLUMNS`.

    The peer that begins changes from turn to turn. A call that is not counted goes before, as
    the last engine was another one; whether the whole or the engine alone comes first alternates.

    Args:
        count: turns that are counted; `WARM_UP` go before.
        shown: is told how many turns are done.
    """
    samples: list[list[tuple[float, ...]]] = [[] for _ in peers]
    for turn in range(WARM_UP + count):
        picture, first = pictures[turn % len(pictures)], turn % len(peers)
        for number in [*range(first, len(peers)), *range(first)]:
            peer = peers[number]
            peer.prepare(picture)
            peer.bare()
            row = _timed(peer, picture, total_first=turn % 2 == 0)
            if turn >= WARM_UP:
                samples[number].append(row)
        shown(turn + 1)
    return samples


def _timed(peer: Peer, picture: Picture, *, total_first: bool) -> tuple[float, ...]:
    """Milliseconds of the whole, of the engine alone, of all processors, around the engine."""
    total = bare = cpu = 0.0
    for is_total in (total_first, not total_first):
        cpu_start, start = time.process_time_ns(), time.monotonic_ns()
        if is_total:
            peer.regions(picture)
            total = (time.monotonic_ns() - start) / 1e6
            cpu = (time.process_time_ns() - cpu_start) / 1e6
        else:
            peer.bare()
            bare = (time.monotonic_ns() - start) / 1e6
    return total, bare, cpu, total - peer.engine_ms
