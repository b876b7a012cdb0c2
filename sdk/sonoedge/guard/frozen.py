"""A picture that no longer changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrozenState:
    """All that tells a frozen picture.

    Attributes:
        picture: the last one, uint8, (H, W) or (H, W, 3); None before the first.
        since_ns: capture time from which on it has not changed.
    """

    picture: Pixels | None = None
    since_ns: int = 0


class Frozen:
    """The memory that tells a frozen picture.

    Args:
        after_ms: pixels unchanged for so long are frozen, milliseconds of capture time.
    """

    def __init__(self, after_ms: float) -> None:
        self._after_ns = after_ms * 1e6
        self._last: Pixels | None = None
        self._since_ns = 0

    def __call__(self, picture: Pixels, captured_ns: int) -> bool:
        """Take a picture, uint8 (H, W) or (H, W, 3); True where it is frozen."""
        last = self._last
        if last is not None and last.shape == picture.shape:
            if _same(last, picture):
                # A clock that went back must not put the freeze off.
                self._since_ns = min(self._since_ns, captured_ns)
                return captured_ns - self._since_ns >= self._after_ns
            np.copyto(last, picture)
        else:
            self._last = picture.copy()
        self._since_ns = captured_ns
        return False

    def state(self) -> FrozenState:
        """All that is remembered; the picture is a copy."""
        picture = None if self._last is None else self._last.copy()
        return FrozenState(picture=picture, since_ns=self._since_ns)

    def restore(self, state: FrozenState) -> None:
        """Go on from where another memory was."""
        self._last = None if state.picture is None else state.picture.copy()
        self._since_ns = state.since_ns

    def reset(self) -> None:
        """Forget the pictures seen so far."""
        self._last = None


def _same(first: Pixels, second: Pixels) -> bool:
    """Live pictures differ in the first row looked at; a still one needs the whole."""
    middle = len(first) // 2
    return first[middle].tobytes() == second[middle].tobytes() and np.array_equal(first, second)
