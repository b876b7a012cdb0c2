"""What became of the inputs of one entry point."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["crash", "hang", "untyped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """An input that did what none may.

    Attributes:
        where: what tells it from others of its kind: a signal, or an error's type and line.
        detail: the traceback, where there is one.
    """

    kind: Kind
    where: str
    data: bytes
    detail: str = ""


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts, and the smallest input of each kind of find.

    Attributes:
        peak_kib: largest resident memory of the host's process.
        slowest_s: longest processor time of one input.
    """

    inputs: int = 0
    seconds: float = 0.0
    crashes: int = 0
    hangs: int = 0
    untyped: int = 0
    peak_kib: int = 0
    slowest_s: float = 0.0
    finds: dict[tuple[Kind, str], Find] = field(default_factory=dict)

    def add(self, find: Find, times: int = 1) -> None:
        """Count a find, and keep it if it is the smallest of its kind."""
        if find.kind == "crash":
            self.crashes += times
        elif find.kind == "hang":
            self.hangs += times
        else:
            self.untyped += times
        key = (find.kind, find.where)
        if key not in self.finds or len(find.data) < len(self.finds[key].data):
            self.finds[key] = find

    def merge(self, other: Tally) -> None:
        """Add what another engine did."""
        self.inputs += other.inputs
        self.seconds += other.seconds
        self.peak_kib = max(self.peak_kib, other.peak_kib)
        self.slowest_s = max(self.slowest_s, other.slowest_s)
        for find in other.finds.values():
            self.add(find, times=0)
        self.crashes += other.crashes
        self.hangs += other.hangs
        self.untyped += other.untyped

    def failed(self, most_kib: int) -> bool:
        """Whether something happened that may not."""
        return bool(self.crashes or self.hangs or self.untyped) or self.peak_kib > most_kib
