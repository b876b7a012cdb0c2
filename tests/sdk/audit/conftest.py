"""A log in a folder of its own, and a clock that is ticked by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from sonoedge.audit import SealKey, Verified, create_log, first_key, verify_log
from sonoedge.audit.appending import Appender
from sonoedge.audit.record import Entry, Record, parse

SECOND_NS = 1_000_000_000


class HandClock:
    """Moves only when told to."""

    def __init__(self) -> None:
        self.now_ns = 1_000 * SECOND_NS

    def __call__(self) -> int:
        return self.now_ns

    def tick_s(self, seconds: float) -> None:
        self.now_ns += round(seconds * SECOND_NS)


@dataclass(frozen=True)
class Log:
    """A log's folder, and its first key."""

    folder: Path
    key: SealKey

    def verify(self) -> Verified:
        return verify_log(self.folder, key=self.key)

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("audit-*.jsonl"))

    @property
    def lines(self) -> list[bytes]:
        return b"".join(file.read_bytes() for file in self.files).splitlines()

    def records(self, *kinds: str) -> list[Record]:
        records = [parse(line) for line in self.lines]
        return [record for record in records if not kinds or record.kind in kinds]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "log", first_key(create_log(tmp_path / "log", clock_ns=lambda: 0)))


@pytest.fixture
def drops() -> Callable[[int], list[Entry]]:
    """So many entries that tell of dropped frames."""

    def make(count: int) -> list[Entry]:
        values = {"session": "0a1b2c3d", "reason": "STALE"}
        return [Entry(mono_ns=i, kind="drops", values={**values, "count": i}) for i in range(count)]

    return make


@pytest.fixture
def filled(log: Log, drops: Callable[[int], Sequence[Entry]]) -> Log:
    """A log of 29 records that ends with a seal."""
    with Appender(log.folder) as appender:
        for _ in range(3):
            appender.append(drops(8))
            appender.seal(9)
    return log
