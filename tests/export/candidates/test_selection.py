from __future__ import annotations

import io
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sonoedge.errors import GateFailed
from sonoedge_export.candidates.candidate import Candidate, LeftOut
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.candidates.selection import select
from sonoedge_export.candidates.speed_gate import SpeedGate
from sonoedge_export.progress import Stages


def candidate(name: str, *flags: bool) -> Candidate:
    outcomes = [SimpleNamespace(flagged=flag) for flag in flags or (True, False)]
    model, results = SimpleNamespace(name=name), SimpleNamespace(outcomes=outcomes)
    return Candidate(model=cast(Any, model), engine=cast(Any, None), results=cast(Any, results),
                     verdict=cast(Any, None))  # fmt: skip


@dataclass
class Measured:
    """A speed gate with the times on a sheet of paper."""

    ms: dict[str, float]

    def measure(self, candidates: list[Candidate]) -> dict[str, float]:
        return self.ms


def gate(**ms: float) -> SpeedGate:
    return cast(SpeedGate, Measured({k.replace("_", "-"): v for k, v in ms.items()}))


FLOAT, INT8 = candidate("onnxruntime-fp32"), candidate("onnxruntime-int8", True, True)


def test_a_variant_that_gains_nothing_is_left_out_and_reported() -> None:
    log = io.StringIO()
    speed = gate(onnxruntime_fp32=4.0, onnxruntime_int8=5.0)
    selection = select([FLOAT, INT8], speed, None, Stages(log))
    assert [c.name for c in selection.candidates] == ["onnxruntime-fp32"]
    assert list(selection.left_out) == ["onnxruntime-int8"]
    assert "onnxruntime-int8: LEFT OUT: takes 5.00 ms" in log.getvalue()


def test_variants_that_flag_other_frames_are_reported() -> None:
    log = io.StringIO()
    select([FLOAT, INT8], gate(onnxruntime_fp32=4.0, onnxruntime_int8=1.0), None, Stages(log))
    assert "onnxruntime-fp32 and onnxruntime-int8 flag 50.00% of the frames" in log.getvalue()


def test_an_earlier_export_decides_in_place_of_the_clock() -> None:
    earlier = Earlier(latency_ms={"onnxruntime-int8": 9.0}, left_out={"openvino-int8": "slow"})
    selection = select([INT8], None, earlier, Stages(io.StringIO()))
    assert [c.name for c in selection.candidates] == ["onnxruntime-int8"]
    assert selection.left_out == {"openvino-int8": "slow"}
    assert selection.latency_ms == {"onnxruntime-int8": 9.0}


def test_when_nothing_is_left_every_reason_is_in_the_error() -> None:
    outcomes = [LeftOut(name="a", why="too slow"), LeftOut(name="b", why="not built")]
    with pytest.raises(GateFailed, match=r"a: too slow \| b: not built"):
        select(outcomes, gate(), None, Stages(io.StringIO()))
