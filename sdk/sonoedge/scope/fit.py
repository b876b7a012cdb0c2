"""From embeddings to a taught scope, judged on frames that were left out one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import ScopeRefused
from sonoedge.scope.taught import nearness

FEWEST_TAUGHT: Final = 10
MOST_TAUGHT: Final = 50
FEWEST_IN_SCOPE: Final = 30
MOST_FALSE_STOPS: Final = 0.02
LEAST_STOPPED: Final = 0.9

Vectors = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A prototype, its threshold, and how both did on the frames that they were made of.

    Attributes:
        prototype, in_scope_mean: float64 [K].
        taught, in_scope: nearness of each frame while it was left out of its own mean.
    """

    prototype: Vectors
    in_scope_mean: Vectors
    threshold: float
    taught: Vectors
    in_scope: Vectors

    @property
    def taught_stopped(self) -> int:
        """How many of the frames taught are stopped."""
        return int((self.taught >= self.threshold).sum())

    @property
    def false_stops(self) -> int:
        """How many of the frames in scope are stopped."""
        return int((self.in_scope >= self.threshold).sum())


def fit(taught: npt.NDArray[Any], in_scope: npt.NDArray[Any]) -> Fit:
    """Prototype and threshold from embeddings.

    The threshold lies halfway between the middle of the frames taught and the nearest of the
    frames in scope that may be stopped: nearer to either side it would be right on these
    frames too, and wrong sooner on the next ones.

    Args:
        taught, in_scope: [frames, K].

    Raises:
        ScopeRefused: the two cannot be told apart, or too many frames in scope would be stopped.
    """
    taught, in_scope = taught.astype(np.float64), in_scope.astype(np.float64)
    prototype, mean = taught.mean(axis=0), in_scope.mean(axis=0)
    of_taught = np.asarray(nearness(taught, _others_mean(taught), mean), np.float64)
    of_in_scope = np.asarray(nearness(in_scope, prototype, _others_mean(in_scope)), np.float64)
    highest = np.sort(of_in_scope)[-1 - int(MOST_FALSE_STOPS * len(in_scope))]
    threshold = float((highest + np.median(of_taught)) / 2)
    result = Fit(
        prototype=prototype,
        in_scope_mean=mean,
        threshold=threshold,
        taught=of_taught,
        in_scope=of_in_scope,
    )
    _check(result)
    return result


def _others_mean(embeddings: Vectors) -> Vectors:
    """For each row, the mean of all others."""
    count = len(embeddings)
    means: Vectors = (embeddings.sum(axis=0) - embeddings) / (count - 1)
    return means


def _check(result: Fit) -> None:
    stopped, frames = result.false_stops, len(result.in_scope)
    if stopped > MOST_FALSE_STOPS * frames:
        raise ScopeRefused(
            f"{stopped} of {frames} frames in scope would be stopped, at most "
            f"{MOST_FALSE_STOPS:.0%} may be: what was taught looks too much like them; nothing "
            "was written"
        )
    caught, taught = result.taught_stopped, len(result.taught)
    if caught < LEAST_STOPPED * taught:
        raise ScopeRefused(
            f"only {caught} of {taught} frames taught would be stopped, each left out of the mean "
            f"in its turn; at least {LEAST_STOPPED:.0%} must be: teach frames of one organ alone, "
            "or more of them; nothing was written"
        )
