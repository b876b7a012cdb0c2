"""What a peer is to the comparison."""

from __future__ import annotations

from typing import Protocol

from subject import Outlines, Picture


class Peer(Protocol):
    """One way to get from a frame to regions."""

    @property
    def name(self) -> str: ...

    def prepare(self, picture: Picture) -> None:
        """Make the engine's input of a frame, for `bare`; not timed."""
        ...

    def bare(self) -> None:
        """The engine's call alone."""
        ...

    def regions(self, picture: Picture) -> Outlines:
        """From a frame, uint8 (H, W), to outlines in its pixels."""
        ...
