from __future__ import annotations

import dataclasses

from sonoedge.device.record import Placement, Result, Timing, slow_operators

PLAIN = Result(variant="a", runtime="litert", precision="fp32", status="passed")


def test_operators_without_fast_kernels_are_counted_by_name() -> None:
    told = slow_operators("litert", ("GATHER", "RESIZE_BILINEAR", "GATHER"))
    assert told == "without litert's fast kernels here: 2 GATHER, 1 RESIZE_BILINEAR"


def test_a_result_tells_of_its_threads_and_of_its_operators_and_else_nothing() -> None:
    assert list(PLAIN.notes()) == []
    slow = dataclasses.replace(PLAIN, off_fast_path=("GATHER",))
    assert list(slow.notes()) == ["without litert's fast kernels here: 1 GATHER"]
    free = dataclasses.replace(PLAIN, not_placed="one thread needs no core of its own")
    assert list(free.notes()) == ["threads free: one thread needs no core of its own"]
    once = Timing(calls=45, p50_ms=3.0, p90_ms=3.0, p99_ms=3.0)
    measured = Placement(fps=30.0, threads=2, free=once, pinned=once, chosen="free")
    assert next(dataclasses.replace(PLAIN, placement=measured).notes()).startswith("threads free: ")
