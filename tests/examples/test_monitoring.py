"""The example's alerts: each calls for its fault and for nothing else, on figures that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from metric_samples import RECORDING, status, times
from sonoedge.metrics import exposition

RULES = "examples/monitoring/sonoedge.rules.yml"
PROMTOOL = shutil.which("promtool")


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
def test_each_alert_calls_for_its_fault_alone(repository: Path) -> None:
    assert PROMTOOL is not None
    folder = (repository / RULES).parent
    command = [PROMTOOL, "test", "rules", "sonoedge.rules.test.yml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_of_figures_that_exist_and_is_tested(repository: Path) -> None:
    rules = (repository / RULES).read_text()
    text = exposition(status(), times=times(), recording_status=RECORDING, at_s=0.0)
    told = set(re.findall(r"^(sonoedge_\w+)", text, re.MULTILINE))
    asked = set(re.findall(r"\bsonoedge_\w+", rules))
    assert asked
    assert asked <= told
    tests = (repository / RULES).with_name("sonoedge.rules.test.yml").read_text()
    for alert in re.findall(r"alert: (\w+)", rules):
        assert tests.count(f"alertname: {alert}") >= 2, alert  # silent, and calling
