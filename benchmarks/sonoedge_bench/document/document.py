"""The document as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sonoedge_bench.document.comparison import Comparison, Mode
from sonoedge_bench.document.constraints import Count, Positive, Sha256
from sonoedge_bench.document.machine import Conditions, Machine
from sonoedge_bench.document.run import Isolation, Run
from sonoedge_bench.document.target import TargetResult

SchemaName: TypeAlias = Literal["sonoedge-bench-3"]
SCHEMA: Final[SchemaName] = "sonoedge-bench-3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was measured.

    Attributes:
        kind: a bundle, or a bare graph in a file of its own.
        id: name, version and digest.
        version: "" for a graph.
        metrics: accuracy by variant, as the manifest has it; empty for a graph.
    """

    kind: Literal["bundle", "graph"]
    id: str
    name: str
    version: str
    metrics: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The measurement's settings; None where the mode has no such setting.

    Attributes:
        frames: per variant (closed), per process (cold), arrivals (paced).
        repeats: fresh processes per variant (cold).
        threads: None takes what the machine allows.
        size: width, height that the frames were resized to.
    """

    fps: tuple[float, ...]
    duration_s: float | None
    frames: Count | None
    repeats: Count | None
    threads: tuple[Positive | None, ...]
    isolation: Isolation
    size: tuple[Positive, Positive] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """The frames that the engines were given, over and over.

    Attributes:
        name: "golden", "synthetic", or "source" where a source was given; `sha256` says which.
        sizes: width, height, each size once.
        sha256: over pixels, sizes and order.
    """

    name: str
    count: Positive
    sizes: tuple[tuple[Positive, Positive], ...]
    sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What must be alike for two measurements to be comparable."""

    mode: Mode
    model_id: str
    machine: Machine
    frames_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A measurement of sonoedge bench. Unknown is null; samples stand in the order of time.

    Attributes:
        complete: false: interrupted or failed; it holds what was measured until then.
        stop_reason: why it ended early; empty where it did not.
        skipped: variants that cannot run here, and why.
    """

    schema: SchemaName
    mode: Mode
    complete: bool
    stop_reason: str
    model: Model
    settings: Settings
    frames: Frames
    machine: Machine
    energy_sensor: str | None
    conditions: Conditions
    skipped: Mapping[str, str]
    target: TargetResult | None
    comparison: Comparison | None
    runs: tuple[Run, ...]

    @property
    def identity(self) -> Identity:
        """What a comparison asks of both sides first."""
        return Identity(
            mode=self.mode,
            model_id=self.model.id,
            machine=self.machine,
            frames_sha256=self.frames.sha256,
        )
