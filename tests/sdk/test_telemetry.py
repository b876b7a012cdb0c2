"""Telemetry is off before an engine is imported; `tests/house/test_telemetry.py` watches it."""

from __future__ import annotations

import os
import sys

import pytest

from sonoedge.child_process import child_settings
from sonoedge.telemetry import MODULE, disable_telemetry


@pytest.mark.req("R42")
def test_engines_that_are_imported_afterwards_find_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    disable_telemetry()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    with pytest.raises(ImportError):
        __import__(MODULE)


def test_a_worker_is_started_with_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    assert child_settings()["env"]["ORT_DISABLE_TELEMETRY"] == "1"
