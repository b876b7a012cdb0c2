from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sonoedge.errors import EngineFailed
from sonoedge_runtimes.testing.faulty import Faulty

PICTURE = np.full((1, 1, 8, 8), 100, np.uint8)
TENSORS = {
    "inputs": [{"name": "frame", "dtype": "uint8", "shape": [1, 1, 8, 8]}],
    "outputs": [
        {"name": "lesion_map", "dtype": "uint8", "shape": [1, 1, 4, 4]},
        {"name": "class_probs", "dtype": "float32", "shape": [1, 2]},
    ],
}


def model(*faults: dict[str, Any], **more: Any) -> bytes:
    return json.dumps(TENSORS | {"faults": faults} | more).encode()


def made(*faults: dict[str, Any], **more: Any) -> Faulty:
    return Faulty(model(*faults, **more), precision="fp32", threads=None)


def test_without_faults_it_is_bright_where_the_picture_is_dark() -> None:
    answer = made().infer({"frame": PICTURE})
    assert (answer["lesion_map"] == 155).all()
    assert answer["lesion_map"].shape == (1, 1, 4, 4)
    assert answer["class_probs"].tolist() == [[0.5, 0.5]]


def test_wrong_and_nan_strike_from_their_call_on_and_for_so_many_calls() -> None:
    engine = made({"kind": "wrong", "call": 1, "calls": 2}, {"kind": "nan", "call": 4})
    answers = [engine.infer({"frame": PICTURE}) for _ in range(6)]
    assert [int(a["lesion_map"][0, 0, 0, 0]) for a in answers] == [155, 100, 100, 155, 155, 155]
    assert [bool(np.isnan(a["class_probs"]).all()) for a in answers] == [False] * 4 + [True] * 2
    assert answers[1]["class_probs"].tolist() == [[1.0, 0.0]]


def test_raise_and_memory_raise() -> None:
    with pytest.raises(EngineFailed):
        made({"kind": "raise"}).infer({"frame": PICTURE})
    with pytest.raises(MemoryError):
        made({"kind": "memory", "at": "load"})


def test_slow_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    made({"kind": "slow", "ms": 250}, base_ms=10).infer({"frame": PICTURE})
    assert slept == [0.01, 0.25]


def test_leak_keeps_what_it_was_told_to_keep() -> None:
    engine = made({"kind": "leak", "bytes": 1000})
    for _ in range(5):
        engine.infer({"frame": PICTURE})
    assert sum(len(kept) for kept in engine._leaked) == 5000


def test_a_fault_with_a_file_strikes_once(tmp_path: Path) -> None:
    fault = {"kind": "raise", "at": "load", "once": str(tmp_path / "once")}
    with pytest.raises(EngineFailed, match="told to"):
        made(fault)
    made(fault)


@pytest.mark.parametrize(
    ("kind", "code"), [("sigsegv", -11), ("sigabrt", -6), ("sigkill", -9), ("exit", 3)]
)
@pytest.mark.parametrize("at", ["load", "call", "idle"])
def test_ends_of_the_process_are_real(kind: str, code: int, at: str) -> None:
    script = (
        "import sys, time, numpy as np\n"
        "from sonoedge_runtimes.testing.faulty import Faulty\n"
        "engine = Faulty(sys.argv[1].encode(), precision='fp32', threads=None)\n"
        "engine.infer({'frame': np.zeros((1, 1, 8, 8), np.uint8)})\n"
        "time.sleep(60)\n"
    )
    fault = model({"kind": kind, "at": at, "ms": 1}).decode()
    done = subprocess.run(
        [sys.executable, "-c", script, fault],
        env=os.environ | {"PYTHONPATH": ":".join(p for p in sys.path if p)},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == code


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"inputs": []}', model({"kind": "melt"}).decode(), model({"knd": "exit"}).decode()],
)
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(EngineFailed, match="no model of the faulty runtime"):
        Faulty(text.encode(), precision="fp32", threads=None)
