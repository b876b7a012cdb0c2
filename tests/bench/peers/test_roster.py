from __future__ import annotations

from typing import Any

import pytest

from sonoedge.errors import InvalidCalibration, MissingDependency, RuntimeUnavailable

pytestmark = pytest.mark.usefixtures("peer_modules")


def failing(error: Exception) -> Any:
    """An engine that cannot be built."""

    def make(subject: object) -> Any:
        raise error

    return make


def test_a_peer_that_is_not_installed_says_how_it_comes() -> None:
    from roster import Absent, Entry, ready

    error = ModuleNotFoundError("no module", name="ncnn.model_zoo")
    entry = Entry(name="ncnn", make=failing(error), modules=("ncnn",), install="pip install ncnn")
    subject: Any = None
    assert ready(entry, subject) == Absent(name="ncnn", why="not installed: pip install ncnn")


def test_a_missing_module_of_our_own_is_no_missing_peer() -> None:
    from roster import Entry, ready

    error = ModuleNotFoundError("no module", name="subjekt")
    entry = Entry(name="ncnn", make=failing(error), modules=("ncnn",), install="pip install ncnn")
    subject: Any = None
    with pytest.raises(ModuleNotFoundError):
        ready(entry, subject)


@pytest.mark.parametrize("kind", [InvalidCalibration, MissingDependency, RuntimeUnavailable])
def test_a_peer_that_cannot_run_here_says_why(kind: type[Exception]) -> None:
    from roster import Absent, Entry, ready

    subject: Any = None
    entry = Entry(name="int8", make=failing(kind("no frames")))
    assert ready(entry, subject) == Absent(name="int8", why="no frames")


def test_peers_have_names_of_their_own_and_say_how_their_modules_come() -> None:
    from roster import PEERS

    assert len({entry.name for entry in PEERS}) == len(PEERS)
    assert all(entry.install for entry in PEERS if entry.modules)
    assert {"ExecuTorch (XNNPACK), int8", "LiteRT by litert-torch, int8", "ncnn, fp32"} <= {
        entry.name for entry in PEERS
    }
