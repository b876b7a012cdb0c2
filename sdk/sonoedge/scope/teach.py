"""Teach a scope: from frames to what is written beside the bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

import numpy as np

from sonoedge.errors import InvalidData, ScopeRefused
from sonoedge.scope.embeddings import Embedded
from sonoedge.scope.fit import FEWEST_IN_SCOPE, FEWEST_TAUGHT, MOST_TAUGHT, fit
from sonoedge.scope.taught import TaughtScope, TaughtScopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A scope as it was taught, and what it does to frames that it was not made of.

    Attributes:
        others, others_stopped: frames of the same source beyond the 50 that are taken.
    """

    scope: TaughtScope
    others: int
    others_stopped: int


def teach(
    name: str,
    taught: Embedded,
    in_scope: Embedded,
    golden: Embedded,
    *,
    variant: str,
    now: datetime | None = None,
) -> Lesson:
    """A scope from embedded frames.

    Args:
        taught: of what is to be left alone; of more than 50, 50 are taken, evenly spread.
        in_scope: of what the network is for.
        golden: the bundle's golden frames: none may be stopped.
        variant: whose embeddings these are.
        now: its time of creation; None asks the clock.

    Raises:
        InvalidData: there are too few frames, or some are in both sets.
        ScopeRefused: the two cannot be told apart, or frames in scope would be stopped.
    """
    _check_count("to be taught", taught, FEWEST_TAUGHT)
    _check_count("in scope", in_scope, FEWEST_IN_SCOPE)
    both = set(taught.sha256) & {*in_scope.sha256, *golden.sha256}
    if both:
        raise InvalidData(
            f"{len(both)} of the frames to be taught are among the frames in scope too; nothing "
            "was written"
        )
    places = np.unique(np.linspace(0, len(taught) - 1, MOST_TAUGHT).round().astype(int)).tolist()
    kept = taught.take(places)
    others = taught.take([i for i in range(len(taught)) if i not in set(places)])
    result = fit(kept.vectors, in_scope.vectors)
    scope = TaughtScope(
        name=name,
        prototype=tuple(result.prototype.tolist()),
        in_scope_mean=tuple(result.in_scope_mean.tolist()),
        threshold=result.threshold,
        frames=len(kept),
        taught_stopped=result.taught_stopped,
        in_scope_frames=len(in_scope),
        false_stops=result.false_stops,
        variant=variant,
        created=(now or datetime.now(timezone.utc)).isoformat(timespec="seconds"),
    )
    alone = TaughtScopes([scope])
    stopped = _stopped(alone, golden)
    if stopped:
        raise ScopeRefused(
            f"{stopped} of the bundle's {len(golden)} golden frames would be stopped: they are in "
            "scope; nothing was written"
        )
    return Lesson(scope=scope, others=len(others), others_stopped=_stopped(alone, others))


def replaced(scopes: Sequence[TaughtScope], new: TaughtScope) -> tuple[TaughtScope, ...]:
    """The scopes with a new one behind them, in the place of one of its name."""
    return (*(scope for scope in scopes if scope.name != new.name), new)


def _stopped(scopes: TaughtScopes, frames: Embedded) -> int:
    return sum(scopes.stop(vector) is not None for vector in frames.vectors)


def _check_count(what: str, frames: Embedded, fewest: int) -> None:
    if len(frames) >= fewest:
        return
    why = [
        f"{count} {text}"
        for count, text in (
            (frames.repeated, "repeated others"),
            (frames.stopped, "were stopped before the network"),
        )
        if count
    ]
    tail = f" ({', '.join(why)})" if why else ""
    raise InvalidData(
        f"{len(frames)} different frames {what}{tail}; at least {fewest} are needed; nothing was "
        "written"
    )
