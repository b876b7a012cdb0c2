"""A worker that is killed costs the frames until the next one is ready, on either processor."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("killed_worker.py")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_no_answer_while_it_is_gone_and_the_same_answers_afterwards(
    machine: str, run_arm: Any
) -> None:
    if machine == "aarch64":
        done = run_arm(SCRIPT)
    else:
        command = [sys.executable, str(SCRIPT)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout)
    assert said["machine"] == machine
    assert said["before"] == said["after"]
    assert said["before"]["flagged"] is True
    assert said["before"]["boxes"]
    assert said["meanwhile"].get("reasons"), "nothing may be analysed without a worker"
    assert said["balanced"]
