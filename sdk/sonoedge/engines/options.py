"""Which engine runs, and how it is driven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sonoedge.errors import InvalidSettings
from sonoedge.runtime import check_runtime_name

MAX_THREADS = 1024
FramePathOption = Literal["auto", "python", "native"]
PlacementOption = Literal["auto", "pinned", "free"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """Which of a bundle's engines runs, and how it is driven.

    One value for `sonoedge.open`, `sonoedge.live`, `sonoedge run` and `sonoedge bench`.

    Attributes:
        runtime: "auto" takes the fastest variant that this machine can run, by what
            `sonoedge provision` measured here, else by the latencies in the manifest; a
            name takes that runtime's fastest variant, and nothing else.
        variant: a variant's id; goes before `runtime`.
        threads: CPU threads of the engine, 1 to 1024; None takes what affinity and quota allow.
        spin: between calls the engine's threads wait awake instead of asleep; ONNX Runtime
            alone can. It costs up to a core's whole time per further thread.
        keep_warm: one engine call more in each pause, just before the next frame is due
            (see `sonoedge.engines.keep_warm`). It costs a call's processor time per frame.
        placement: "pinned" binds each of the engine's threads to a core of its own, and is refused
            where that cannot be; "free" leaves them to the kernel; "auto" takes what
            `sonoedge provision` measured here at the device's pace, else "free" (see
            `sonoedge.engines.placement`). `Origin.placement` says which it was.
        frame_path: what runs around the engine: "native" is in C, by `make native`, and refused
            where it cannot run; "auto" takes it where it can, else "python"; the answers are the
            same, and `Origin.frame_path` says which it was.
        test_doubles: admit the engines of `sonoedge_runtimes.testing`, which fail on order or
            compute nothing: for tests of a host. Without it a bundle that names one is refused.

    Raises:
        InvalidSettings: a value is of the wrong type, out of range, or names no runtime.
        MissingDependency: test doubles are admitted, and their package is not installed.
    """

    runtime: str = "auto"
    variant: str | None = None
    threads: int | None = None
    spin: bool = False
    keep_warm: bool = False
    placement: PlacementOption = "auto"
    frame_path: FramePathOption = "auto"
    test_doubles: bool = False

    def __post_init__(self) -> None:
        for name in ("spin", "keep_warm", "test_doubles"):
            if not isinstance(getattr(self, name), bool):
                raise InvalidSettings(f"{name} must be True or False")
        if self.frame_path not in get_args(FramePathOption):
            raise InvalidSettings(
                f"frame_path is {self.frame_path!r:.60}; use 'auto', 'python' or 'native'"
            )
        if self.placement not in get_args(PlacementOption):
            raise InvalidSettings(
                f"placement is {self.placement!r:.60}; use 'auto', 'pinned' or 'free'"
            )
        if self.variant is not None and not isinstance(self.variant, str):
            raise InvalidSettings(f"variant must be a variant's id or None, not {self.variant!r}")
        threads = self.threads
        whole_number = isinstance(threads, int) and not isinstance(threads, bool)
        if threads is not None and not (whole_number and 1 <= threads <= MAX_THREADS):
            raise InvalidSettings(
                f"threads must be a whole number from 1 to {MAX_THREADS}, or None, not {threads!r}"
            )
        check_runtime_name(self.runtime, test_doubles=self.test_doubles)


DEFAULT_ENGINE = EngineOptions()
