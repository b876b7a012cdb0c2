"""Clocks that tick by hand, engines that count their calls, and a small real bundle."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sonoedge import Analysed, Analysis, Frame, NotAnalysed, Origin, Reason
from sonoedge.cli import main
from sonoedge_bench.document.files import schema_text
from sonoedge_bench.frame_set import FrameSet
from sonoedge_bench.modes.tape import STAGE_COLUMNS, Recording, Subject, Tape

ORIGIN = Origin(bundle_id="b", engine_sha256="0" * 64, runtime="r", precision="p", variant="v")
COLUMNS = (
    *("bare_ms", "analyse_ms", "age_ms", "overhead_ms", "around_ms", "late_ms", "cpu_ms"),
    *STAGE_COLUMNS,
)


@pytest.fixture
def tiny(repository: Path) -> Path:
    """A bundle with a real network."""
    return repository / "tests" / "data" / "tiny"


@pytest.fixture
def frame_set() -> FrameSet:
    """Four different pictures, in their order."""
    rng = np.random.default_rng(0)
    frames = tuple(Frame(pixels=rng.integers(0, 200, (40, 50), dtype=np.uint8)) for _ in range(4))
    return FrameSet(name="noise", frames=frames, order=(0, 1, 2, 3), sha256="0" * 64)


@pytest.fixture
def tape() -> Callable[..., Tape]:
    """Makes a tape with all columns."""

    def make(**more: object) -> Tape:
        values = {
            "variant": "v",
            "runtime": "r",
            "precision": "p",
            "engine_sha256": "0" * 64,
            "threads": 2,
            "isolation": "none",
        }
        return Recording().begin(Subject(**(values | more)), COLUMNS, 8)  # type: ignore[arg-type]

    return make


class Clock:
    """A clock that moves when it is told to, or slept on."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)

    def forward_ms(self, ms: float) -> None:
        self.now_ns += round(ms * 1e6)


@pytest.fixture
def clock() -> Clock:
    """At 0."""
    return Clock()


def analysed(frame: Frame, *, engine_ms: float = 1.0, frame_id: int = 0) -> Analysis:
    """A result in which nothing was found."""
    return Analysed(
        frame_id=frame_id,
        captured_ns=frame.captured_ns,
        age_ms=0.0,
        stages_ms={"guard": 0.5, "preprocess": 0.25, "engine": engine_ms, "postprocess": 0.25}
        | {"tracker": 0.125},
        origin=ORIGIN,
        regions=(),
        class_probs={},
    )


def refused(frame: Frame, reason: Reason = Reason.BLACK, frame_id: int = 0) -> Analysis:
    """A frame that the guard has refused."""
    return NotAnalysed(
        frame_id=frame_id,
        captured_ns=frame.captured_ns,
        age_ms=0.0,
        stages_ms={"guard": 0.5},
        origin=ORIGIN,
        reasons=(reason,),
    )


@pytest.fixture
def results() -> tuple[Callable[..., Analysis], Callable[..., Analysis]]:
    """`analysed` and `refused`."""
    return analysed, refused


@pytest.fixture
def valid() -> Callable[[Path], dict[str, Any]]:
    """Reads a document, after the published schema has been asked."""

    def read(file: Path) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(file.read_text())
        jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema")
        checker = jsonschema.Draft202012Validator
        schema = json.loads(schema_text())
        checker.check_schema(schema)
        checker(schema).validate(data)
        return data

    return read


@pytest.fixture
def bench(valid: Callable[[Path], dict[str, Any]], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Runs `sonoedge bench` with these words; returns its document."""

    def run(*words: str) -> dict[str, Any]:
        file = tmp_path / "bench.json"
        assert main(["bench", *words, "--json", str(file)]) == 0
        return valid(file)

    return run


@pytest.fixture
def live() -> None:
    """Skips where there can be no worker process."""
    if not hasattr(os, "memfd_create"):
        pytest.skip("a worker process needs Linux")
