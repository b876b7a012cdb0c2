from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import RuntimeUnavailable
from sonoedge_bench.machine.process import cpu_ns
from sonoedge_bench.modes.beside import busy_process


def spent(pid: int) -> int:
    """Processor time of a process, in ticks (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_the_process_is_busy_and_ends_with_the_measurement() -> None:
    with busy_process() as pid:
        before = spent(pid)
        while spent(pid) < before + 5:  # it works, however slow this machine is
            assert cpu_ns() is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_busy_process_that_ended_is_said() -> None:
    def ended() -> None:
        with busy_process() as pid:
            os.kill(pid, 9)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    with pytest.raises(RuntimeUnavailable, match="ended with -9; measure again"):
        ended()


def test_frames_beside_it_are_accounted_for_as_in_paced(
    repository: Path, bench: Callable[..., Any]
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    words = ["--variant", "onnxruntime-fp32", "--mode", "beside", "--fps", "50", "--frames", "16"]
    document = bench(str(repository / "tests/data/tiny"), *words)
    (run,) = document["runs"]
    assert document["mode"] == "beside"
    assert run["outcomes"]["balanced"] is True
    assert run["figures"]["age_ms"]["n"] == run["outcomes"]["analysed"] > 0
