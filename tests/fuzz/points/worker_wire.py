"""What a session reads from the process of its engine, which a bug may make say anything."""

from __future__ import annotations

from fuzz.entry_point import EntryPoint
from fuzz.points.answers import (
    ANALYSES,
    DESCRIBED,
    FAILED,
    GOLDEN,
    LINED,
    NOT_DESCRIBED,
    ORIGIN,
    READY,
)
from sonoedge.session.engine import EngineDied
from sonoedge.session.worker.process import ProcessWorker
from sonoedge.session.worker.wire import Unpacker


class _Host(ProcessWorker):
    """The host's end, without a process at the other one."""

    def __init__(self) -> None:
        self._unpacker = Unpacker()
        self._origin = ORIGIN

    def read(self, data: bytes) -> None:
        middle = len(data) // 2
        for piece in (data[:middle], data[middle:]):
            self._answers(self._feed(piece))


def attack(data: bytes) -> None:
    _Host().read(data)


POINT = EntryPoint(
    attack=attack,
    seeds=(
        *(*ANALYSES, LINED, DESCRIBED, NOT_DESCRIBED),
        *(READY, FAILED, GOLDEN, READY + ANALYSES[0]),
    ),
    engines=("bytes", "coverage"),
    tolerated=(EngineDied,),
)
