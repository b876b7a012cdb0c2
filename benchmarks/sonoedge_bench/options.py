"""The command line of `sonoedge bench BUNDLE`, parsed and checked once."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sonoedge.errors import InvalidSettings, OutputError
from sonoedge.runtime import RUNTIMES

Mode = Literal["closed", "paced", "cold", "soak", "sweep"]
Isolation = Literal["none", "thread", "process"]
MODES: Final = ("closed", "paced", "cold", "soak", "sweep")
DURATION_S: Final = {"closed": 0.0, "paced": 60.0, "cold": 0.0, "soak": 600.0, "sweep": 10.0}
FRAMES: Final = {"closed": 200, "cold": 20}
MAX_FPS: Final = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Files to write; None where they are not asked for."""

    json: Path | None = None
    markdown: Path | None = None
    csv: Path | None = None
    html: Path | None = None

    def check(self, inputs: Sequence[Path] = ()) -> None:
        """Before anything is measured: can they be written, and is nothing overwritten?

        Raises:
            OutputError: a folder does not exist, or the path is a folder.
            InvalidSettings: an output is an input, or two outputs are one.
        """
        given = [p for p in (self.json, self.markdown, self.csv, self.html) if p is not None]
        for path in given:
            if not path.parent.is_dir():
                raise OutputError(f"cannot write {path}: its folder does not exist; make it first")
            if path.is_dir():
                raise OutputError(f"cannot write {path}: it is a folder; name a file")
            if any(path.resolve() == other.resolve() for other in inputs):
                raise InvalidSettings(f"{path} would overwrite what is read; give another path")
        if len({p.resolve() for p in given}) < len(given):
            raise InvalidSettings("two outputs have one path; give each its own")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to measure and how.

    Attributes:
        fps: arrival rates, one except for a sweep.
        duration_s: of each run of paced and soak, of each combination of sweep.
        frames: closed: per variant; cold: per process; paced and soak: arrivals, in place
            of `duration_s`; None takes the mode's default.
        variants: ids; empty takes all that fit `runtime` and `precision`.
        threads: engine threads, several in a sweep alone; None takes what the machine allows.
        isolation: "none" is `Analyser.analyse` in this process, the others `sonoedge.live`.
        spin, keep_warm: as `sonoedge.open`; each has its price in processor time.
        deadline_ms: from capture to result; None takes one frame period.
        repeats: fresh processes per variant (cold).
        max_growth_mib_per_h: growth of memory that a soak allows.
        given: of fps and threads, those that the caller has named: they go before a target's.
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
    deadline_ms: float | None = None
    repeats: int = 10
    max_growth_mib_per_h: float = 10.0
    target: str | None = None
    given: frozenset[str] = frozenset()
    baseline: Path | None = None
    fail_over: float | None = None
    force: bool = False
    outputs: Outputs = Outputs()

    def arrivals(self, fps: float) -> int:
        """How many frames arrive in one paced run."""
        return self.frames or max(1, round(self.duration_s * fps))


def parser() -> argparse.ArgumentParser:
    """The words of `sonoedge bench BUNDLE`."""
    made = argparse.ArgumentParser(
        prog="sonoedge bench",
        usage="sonoedge bench BUNDLE [options]\n"
        "       sonoedge bench compare A.json B.json [...] [--fail-over 10%] [--force]\n"
        "       sonoedge bench targets | schema",
        description="Latency of a bundle on this machine, on real frames.",
    )
    add = made.add_argument
    add("bundle", type=Path, metavar="BUNDLE")
    add(
        "--mode",
        choices=MODES,
        default="closed",
        help="closed: back to back, bare engine and whole analyses in turns (the default); "
        "paced: frames arrive at --fps; cold: fresh processes; soak: paced, watching memory "
        "and drift; sweep: variants x threads x fps",
    )
    add("--fps", type=float, nargs="+", metavar="N", help="arrivals per second (30)")
    add("--duration", type=float, metavar="S", help="paced 60, soak 600, sweep 10 each")
    add("--frames", type=int, metavar="N", help="closed 200, cold 20; paced: arrivals")
    add("--repeats", type=int, default=10, metavar="N", help="fresh processes (cold: 10)")
    add("--variant", nargs="+", default=[], metavar="ID", help="only these variants")
    add("--runtime", choices=list(RUNTIMES), help="only this runtime's variants")
    add("--threads", type=int, nargs="+", metavar="N", help="engine threads; several to sweep")
    add("--source", metavar="S", help="frames; the bundle's golden ones if not")
    add("--size", metavar="WxH", help="resize the frames first, such as 640x480")
    add(
        "--isolation",
        choices=("none", "thread", "process"),
        default="none",
        help="none: `analyse` in this process; thread, process: a live session",
    )
    add("--spin", action="store_true", help="engine threads wait awake (ONNX Runtime)")
    add("--keep-warm", action="store_true", help="one engine call more in each pause")
    add("--deadline-ms", type=float, metavar="MS", help="capture to result (one frame period)")
    add(
        "--max-growth",
        type=float,
        default=10.0,
        metavar="MIB",
        help="memory that a soak may grow by per hour (10); more is exit code 3",
    )
    add("--target", metavar="NAME", help="check that this machine is one; judge its budget")
    add("--baseline", type=Path, metavar="FILE", help="compare with an earlier --json")
    add("--fail-over", metavar="10%", help="with --baseline: exit code 3 if slower by more")
    add("--force", action="store_true", help="compare unlike machines or bundles all the same")
    for name in ("json", "markdown", "csv", "html"):
        add(f"--{name}", type=Path, metavar="FILE")
    return made


def options(argv: Sequence[str]) -> Options:
    """Parse and check.

    Raises:
        InvalidSettings: a value is out of range, or options do not go together.
        OutputError: an output cannot be written where it is asked for.
    """
    args = parser().parse_args(argv)
    mode: Mode = args.mode
    several = mode == "sweep"
    fps = tuple(args.fps or (30.0,))
    threads = tuple(args.threads or (None,))
    if not several and (len(fps) > 1 or len(threads) > 1):
        raise InvalidSettings("several --fps or --threads are for --mode sweep")
    for rate in fps:
        _within("--fps", rate, MAX_FPS)
    for number in threads:
        if number is not None and not 1 <= number <= 1024:
            raise InvalidSettings("--threads must be 1 to 1024")
    duration = DURATION_S[mode] if args.duration is None else args.duration
    if args.duration is not None:
        if mode in ("closed", "cold"):
            raise InvalidSettings(f"--duration has no meaning in mode {mode}; use --frames")
        _within("--duration", duration, 1e6)
    if args.frames is not None and args.frames < 1:
        raise InvalidSettings("--frames must be 1 or more")
    if args.repeats < 1:
        raise InvalidSettings("--repeats must be 1 or more")
    if args.deadline_ms is not None:
        _within("--deadline-ms", args.deadline_ms, 1e6)
    _within("--max-growth", args.max_growth, 1e6)
    if args.fail_over is not None and args.baseline is None:
        raise InvalidSettings("--fail-over needs --baseline: slower than what?")
    outputs = Outputs(json=args.json, markdown=args.markdown, csv=args.csv, html=args.html)
    outputs.check([args.baseline] if args.baseline else [])
    return Options(
        bundle=args.bundle,
        mode=mode,
        fps=tuple(dict.fromkeys(fps)),
        duration_s=duration,
        frames=args.frames if args.frames is not None else FRAMES.get(mode),
        variants=tuple(dict.fromkeys(args.variant)),
        runtime=args.runtime,
        threads=tuple(dict.fromkeys(threads)),
        source=args.source,
        size=_size(args.size),
        isolation=args.isolation,
        spin=args.spin,
        keep_warm=args.keep_warm,
        deadline_ms=args.deadline_ms,
        repeats=args.repeats,
        max_growth_mib_per_h=args.max_growth,
        target=args.target,
        given=frozenset(n for n in ("fps", "threads") if getattr(args, n) is not None),
        baseline=args.baseline,
        fail_over=None if args.fail_over is None else percent(args.fail_over),
        force=args.force,
        outputs=outputs,
    )


def percent(text: str) -> float:
    """ "10%" or "10" as 0.1.

    Raises:
        InvalidSettings: it is no such thing, or negative.
    """
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = -1.0
    if not (math.isfinite(value) and value >= 0):
        raise InvalidSettings(f"--fail-over is {text!r}; write it as 10%")
    return value / 100


def _within(name: str, value: float, most: float) -> None:
    if not (math.isfinite(value) and 0 < value <= most):
        raise InvalidSettings(f"{name} must be above 0 and at most {most:g}, not {value:g}")


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 0 < int(width) <= 8192):
        raise InvalidSettings(f"--size is {text!r}; write it as 640x480")
    if not 0 < int(height) <= 8192:
        raise InvalidSettings(f"--size is {text!r}; write it as 640x480, at most 8192 each")
    return int(width), int(height)
