"""The driver tells which input ended, hung or broke a reader, and goes on behind it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# In a process of one thread, as the driver is: forks of others may wait for a lock for ever.
PROGRAM = """
import json, os, signal, sys
from fuzz import guarded
from fuzz.budget import Budget
from fuzz.entry_point import EntryPoint
from fuzz.finds import minimal
from fuzz.tally import Find

guarded.HANG_CPU_S = 0.5

def attack(data):
    if data == b"4": os.kill(os.getpid(), signal.SIGSEGV)
    if data == b"6": os._exit(3)
    if data == b"8":
        while True: pass
    if b"9" in data: raise KeyError(data)
    if data == b"5": raise ValueError(data)

point = EntryPoint(attack=attack, seeds=(b"0",), engines=("bytes",), tolerated=(ValueError,))
tally = guarded.run_guarded(point, lambda n: str(n).encode(), Budget(inputs=20, seconds=None))
finds = {f"{f.kind} {f.where.partition('-')[0]}": f.data.decode() for f in tally.finds.values()}
(untyped,) = [f for f in tally.finds.values() if f.kind == "untyped"]
long = Find(kind="untyped", where=untyped.where, data=b"x" * 300 + b"9" + b"y" * 300)
print(json.dumps([tally.inputs, tally.crashes, tally.hangs, tally.untyped, finds,
                  minimal(point, long).decode(), tally.peak_kib > 0, tally.failed(1 << 30)]))
"""


@pytest.fixture(scope="module")
def outcome(repository: Path) -> list[Any]:
    path = os.pathsep.join([str(repository / "tests"), *(p for p in sys.path if p)])
    text = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        check=True,
    ).stdout
    result: list[Any] = json.loads(text)
    return result


def test_every_input_is_tried_though_some_end_the_process(outcome: list[Any]) -> None:
    inputs, crashes, hangs, untyped, *_ = outcome
    assert (inputs, crashes, hangs, untyped) == (20, 2, 1, 2)


def test_each_kind_of_find_keeps_the_input_that_did_it(outcome: list[Any]) -> None:
    assert outcome[4] == {
        "crash SIGSEGV": "4", "crash exit": "6", "hang 0.5s": "8", "untyped KeyError": "9",
    }  # fmt: skip


def test_a_find_is_made_smaller_as_long_as_it_does_the_same(outcome: list[Any]) -> None:
    assert outcome[5] == "9"


def test_a_find_fails_the_run(outcome: list[Any]) -> None:
    assert outcome[6:] == [True, True]
