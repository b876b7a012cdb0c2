"""A session keeps to its bundle, whatever comes to lie at its path."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

import sonoedge
from sonoedge import Analysed, Analysis, NotAnalysed, Reason, State
from sonoedge.bundle.identity import manifest_text
from sonoedge.session import HealthRules
from sonoedge_bench.reliability.drive import frame, wait_until

if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)

KILLS = 5  # `sonoedge reliability --only pinned` does a hundred
UP = (State.READY, State.DEGRADED)


def another(tiny: Path, out: Path) -> Path:
    """The same network under another manifest."""
    shutil.copytree(tiny, out)
    manifest = json.loads((out / "manifest.json").read_text()) | {"intended_use": "Other tests."}
    (out / "manifest.json").write_text(manifest_text(manifest))
    return out


@pytest.mark.req("R47")
@pytest.mark.parametrize("change", ["link moved", "folder replaced", "bundle removed"])
def test_no_result_is_ever_another_bundles(tiny: Path, tmp_path: Path, change: str) -> None:
    folder, second = tmp_path / "first", another(tiny, tmp_path / "second")
    shutil.copytree(tiny, folder)
    path = tmp_path / "current"
    path.symlink_to(folder)
    got: list[Analysis] = []
    with sonoedge.live(
        path, got.append, max_age_ms=60_000, health=HealthRules(max_deaths=1000)
    ) as session:
        origin = session.status().origin
        session.submit(frame())
        assert session.drain(30)
        if change == "link moved":
            path.unlink()
            path.symlink_to(second)
        elif change == "folder replaced":
            folder.rename(tmp_path / "away")
            shutil.copytree(second, folder)
        else:
            shutil.rmtree(folder)
        for number in range(KILLS):
            pid = session.worker_pid
            if pid is None:
                break
            os.kill(pid, signal.SIGKILL)
            assert wait_until(lambda n=number: session.status().deaths == n + 1)
            assert wait_until(lambda: session.status().state in (*UP, State.FAULT))
            session.submit(frame(number))
            assert session.drain(30)
        status = session.status()
    assert {a.origin for a in got if isinstance(a, Analysed)} == {origin}
    if change == "link moved":
        assert status.deaths == KILLS
        assert isinstance(got[-1], Analysed)
    else:
        assert (status.state, status.reasons) == (State.FAULT, ("BUNDLE_UNUSABLE",))
        assert isinstance(got[-1], NotAnalysed)
        assert got[-1].reasons == (Reason.FAULT,)
