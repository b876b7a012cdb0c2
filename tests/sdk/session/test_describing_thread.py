from __future__ import annotations

import threading

import numpy as np

from measured_pictures import ellipse
from sonoedge.analysis import Region
from sonoedge.description import Description, NotDescribed, NotDescribedReason
from sonoedge.frames import Frame
from sonoedge.session.describing_thread import DescribingThread
from sonoedge_bench.reliability.drive import wait_until

FRAME = Frame(pixels=np.zeros((8, 8), np.uint8))
REGION = ellipse((4, 4), (3, 3))


def test_what_raises_is_the_answer_and_the_next_is_described() -> None:
    told: list[Description] = []

    def describe(frame: Frame, region: Region) -> Description:
        raise ZeroDivisionError(str(frame))

    thread = DescribingThread(describe, told.append)
    for _ in range(2):
        thread.ask(FRAME, REGION)
    assert wait_until(lambda: len(told) == 2)
    for each in told:
        assert isinstance(each, NotDescribed)
        assert each.reason is NotDescribedReason.INTERNAL_ERROR
    thread.end()


def test_asking_waits_for_nothing() -> None:
    told: list[Description] = []
    go_on = threading.Event()

    def describe(frame: Frame, region: Region) -> Description:
        go_on.wait(30)
        return NotDescribed(reason=NotDescribedReason.NO_MEASURES)

    thread = DescribingThread(describe, told.append)
    thread.ask(FRAME, REGION)  # it comes back although nothing is described yet
    assert told == []
    go_on.set()
    assert wait_until(lambda: len(told) == 1)
    thread.end()
