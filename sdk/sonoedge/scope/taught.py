"""Taught scopes at work: is a frame nearer to what was taught than to the frames in scope?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sonoedge.bundle.names import check_name
from sonoedge.errors import InvalidSettings

Vector = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtScope:
    """One thing that is no subject of the network, as it was taught.

    Attributes:
        name: such as "bone"; results name it.
        prototype: mean embedding of the frames taught.
        in_scope_mean: mean embedding of the frames in scope.
        threshold: nearness from which a frame is stopped (`nearness`).
        frames: how many were taught, 10 to 50.
        taught_stopped: how many of these are stopped when they are left out of the mean.
        in_scope_frames: how many frames in scope it was judged on, 30 or more.
        false_stops: how many of these are stopped when they are left out of the mean.
        variant: whose embeddings these are.
        created: ISO 8601, by the device's clock.

    Raises:
        InvalidSettings: values that no teaching gives.
    """

    name: str
    prototype: tuple[float, ...]
    in_scope_mean: tuple[float, ...]
    threshold: float
    frames: int
    taught_stopped: int
    in_scope_frames: int
    false_stops: int
    variant: str
    created: str

    def __post_init__(self) -> None:
        check_name("name", self.name)
        if not 2 <= len(self.prototype) == len(self.in_scope_mean):
            raise InvalidSettings("prototype and in_scope_mean must be of one length, 2 or more")
        if not -2 <= self.threshold <= 2:
            raise InvalidSettings("threshold must be -2 to 2")
        if self.prototype == self.in_scope_mean:
            raise InvalidSettings("prototype and in_scope_mean must differ")
        for value in (*self.prototype, *self.in_scope_mean):
            if not (math.isfinite(value) and abs(value) <= 1.001):
                raise InvalidSettings("a mean of embeddings has components of -1 to 1")


class Stop(NamedTuple):
    """Which taught scope a frame belongs to, and how clearly.

    Attributes:
        beyond: how far its nearness lies beyond the scope's threshold.
    """

    name: str
    beyond: float


class TaughtScopes:
    """All that a device was taught for one bundle; two small matrix products per frame.

    Args:
        scopes: one or more, of different names, for embeddings of one length.
    """

    def __init__(self, scopes: Sequence[TaughtScope]) -> None:
        self.scopes = tuple(scopes)
        self.names = tuple(scope.name for scope in scopes)
        self._prototypes = np.array([scope.prototype for scope in scopes])
        self._means = np.array([scope.in_scope_mean for scope in scopes])
        self._thresholds = np.array([scope.threshold for scope in scopes])

    def stop(self, embedding: Vector) -> Stop | None:
        """The taught scope that a frame belongs to most clearly; None where it passes.

        Args:
            embedding: the engine's output of that name, float32 [1, K], finite.
        """
        beyond = nearness(embedding, self._prototypes, self._means) - self._thresholds
        most = int(beyond.argmax())
        return None if beyond[most] < 0 else Stop(self.names[most], float(beyond[most]))


def nearness(embedding: Vector, prototype: Vector, in_scope_mean: Vector) -> Vector:
    """How much nearer embeddings are to what was taught than to the frames in scope.

    The nearest class mean of an embedding (Snell et al. 2017, arXiv:1703.05175), for two.

    Args:
        embedding, prototype, in_scope_mean: [..., K], broadcast against each other.

    Returns:
        distance to the mean in scope less that to the prototype, [...]; -2 to 2.
    """
    away = np.linalg.norm(embedding - in_scope_mean, axis=-1)
    difference: Vector = away - np.linalg.norm(embedding - prototype, axis=-1)
    return difference
