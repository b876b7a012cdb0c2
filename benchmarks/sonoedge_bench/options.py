"""What to measure, and how, and where to write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from sonoedge.engines.options import PlacementOption
from sonoedge.errors import InvalidSettings
from sonoedge.outputs.place import check_output
from sonoedge_bench.document.comparison import Mode
from sonoedge_bench.document.run import Isolation

MODES: Final = ("closed", "paced", "beside", "cold", "soak", "sweep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Files to write; None for none."""

    json: Path | None = None
    markdown: Path | None = None
    csv: Path | None = None
    html: Path | None = None

    def check(self, inputs: Sequence[Path | str] = ()) -> None:
        """Before anything is measured: can they be written, and is nothing overwritten?

        Args:
            inputs: files, folders of pictures and bundles that are read.

        Raises:
            OutputError: a folder cannot be made, or the path is a folder.
            InvalidSettings: an output is an input or lies in a bundle, or two outputs are one.
        """
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        explicit = {name: path for name, path in named.items() if path is not None}
        for name, path in explicit.items():
            check_output(f"--{name}", path, *inputs)
        if len({path.resolve() for path in explicit.values()}) < len(explicit):
            raise InvalidSettings("two outputs have one path; give each its own")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to measure and how.

    Attributes:
        bundle: its folder, or the file of a bare graph.
        fps: arrival rates, one except for a sweep.
        duration_s: of each run of paced and soak, of each combination of sweep.
        frames: closed: per variant; cold: per process; paced and soak: arrivals, in place
            of `duration_s`; None takes the mode's default.
        variants: ids; empty takes all that fit `runtime` and `precision`.
        threads: engine threads, several in a sweep alone; None takes what the machine allows.
        isolation: "none" is `Analyser.analyse` in this process, the others `sonoedge.live`.
        spin, keep_warm: as in `sonoedge.EngineOptions`; each has its price in processor time.
        placement: as in `sonoedge.EngineOptions`.
        deadline_ms: from capture to result; None takes one frame period.
        repeats: fresh processes per variant (cold).
        max_growth_mib_per_h: growth of memory that a soak allows.
        profile: a time per layer as well (closed).
        explicit: of fps and threads, those that the caller has named: they go before a target's.
    """

    bundle: Path
    mode: Mode = "closed"
    fps: tuple[float, ...] = (30.0,)
    duration_s: float = 60.0
    frames: int | None = None
    variants: tuple[str, ...] = ()
    runtime: str | None = None
    precision: str | None = None
    threads: tuple[int | None, ...] = (None,)
    source: str | None = None
    size: tuple[int, int] | None = None
    isolation: Isolation = "none"
    spin: bool = False
    keep_warm: bool = False
    placement: PlacementOption = "auto"
    deadline_ms: float | None = None
    repeats: int = 10
    max_growth_mib_per_h: float = 10.0
    profile: bool = False
    target: str | None = None
    explicit: frozenset[str] = frozenset()
    baseline: Path | None = None
    fail_over: float | None = None
    force: bool = False
    outputs: Outputs = Outputs()

    @property
    def is_graph(self) -> bool:
        """Whether `bundle` is a bare graph's file."""
        return self.bundle.suffix == ".onnx"

    def arrivals(self, fps: float) -> int:
        """How many frames arrive in one paced run."""
        return self.frames or max(1, round(self.duration_s * fps))
