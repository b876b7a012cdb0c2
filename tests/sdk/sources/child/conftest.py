"""Shared by the tests of child processes: a reader that does what its file says."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from sonoedge.sources.child.limits import Limits
from sonoedge.sources.child.reader import ChildReader

# What a file says is done, in place of decoding it.
READER = """
import ctypes, os, signal, sys, time
import numpy as np
from sonoedge.errors import MissingDependency, SourceError
from sonoedge.frames import FrameMeta
from sonoedge.sources.picture import Contents, Picture

def frame(level, **more):
    return Picture(pixels=np.full((4, 6), level, dtype=np.uint8), **more)

def act(what):
    if what == "abort": os.abort()
    if what == "segfault": ctypes.string_at(0)
    if what == "exit": os._exit(7)
    if what == "sleep": time.sleep(600)
    if what == "spin":
        while True: pass
    if what == "swell": np.ones(1 << 33, dtype=np.uint8)
    if what == "missing": raise MissingDependency("run: pip install x")
    if what == "refuse": raise SourceError("a picture of cats")
    if what == "raise": raise ValueError("DOE^JANE")
    if what == "write": open(os.environ["TMPDIR"] + "/stolen", "wb", 0).write(b"x" * 100)
    if what == "print": print("DOE^JANE"); print("DOE^JANE", file=sys.stderr)

def read(path):
    when, what = path.read_text().split()
    if when == "open": act(what)
    def pictures():
        yield frame(1, time_s=0.5, spacing_mm=(0.2, 0.1), roi_px=(0, 1, 5, 4), pixel_aspect=1.5,
                    captured_ns=7, stamped=True,
                    meta=FrameMeta(probe="L12", depth_mm=50.0, frozen=True, file="f"))
        if when == "read": act(what)
        yield Picture(pixels=np.arange(72, dtype=np.uint8).reshape(4, 6, 3)[:, ::-1])
        yield frame(3)
    return Contents(name="ignored", pictures=pictures, count=3, fps=2.5, times="own")
"""


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "acting_reader.py").write_text(READER)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "acting_reader:read"


@pytest.fixture
def child() -> Generator[ChildReader, None, None]:
    with ChildReader(Limits(open_s=60, picture_s=60)) as child:
        yield child
