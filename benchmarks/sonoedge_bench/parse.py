"""The command line of `sonoedge bench BUNDLE`, parsed and checked once."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sonoedge.errors import InvalidSettings
from sonoedge.runtime import RUNTIMES
from sonoedge_bench.document.comparison import Mode
from sonoedge_bench.options import MODES, Options, Outputs

DURATION_S: Final = {
    "closed": 0.0,
    "paced": 60.0,
    "beside": 60.0,
    "cold": 0.0,
    "soak": 600.0,
    "sweep": 10.0,
}
FRAMES: Final = {"closed": 200, "cold": 20}
MAX_FPS: Final = 1000.0
PACE: Final = ("fps", "duration", "deadline_ms")
MEANINGLESS: Final[dict[str, tuple[str, ...]]] = {
    "closed": (*PACE, "repeats", "max_growth"),
    "paced": ("repeats", "max_growth"),
    "beside": ("repeats", "max_growth"),
    "cold": (*PACE, "max_growth"),
    "soak": ("repeats",),
    "sweep": ("repeats", "max_growth"),
}


def parser() -> argparse.ArgumentParser:
    """The arguments of `sonoedge bench BUNDLE`."""
    result = argparse.ArgumentParser(
        prog="sonoedge bench",
        usage="sonoedge bench BUNDLE|MODEL.onnx [options]\n"
        "       sonoedge bench compare A.json B.json [...] [--fail-over 10%%] [--force]\n"
        "       sonoedge bench targets | schema",
        description="Latency of a bundle on this machine, on real frames; or of the engine calls "
        "of a bare ONNX graph, on random tensors.",
    )
    add = result.add_argument
    add("bundle", type=Path, metavar="BUNDLE", help="a bundle's folder, or an ONNX file")
    add(
        "--mode",
        choices=MODES,
        default="closed",
        help="closed: back to back, engine calls and whole analyses in turns (default); "
        "paced: frames arrive at --fps; beside: paced, beside a process that keeps a core busy; "
        "cold: fresh processes; soak: paced, watching memory and drift; sweep: variants x "
        "threads x fps",
    )
    add("--fps", type=float, nargs="+", metavar="N", help="frames per second (default 30)")
    add(
        "--duration",
        type=float,
        metavar="S",
        help="seconds of each run (default: paced and beside 60, soak 600, sweep 10)",
    )
    add(
        "--frames",
        type=int,
        metavar="N",
        help="frames per variant (default: closed 200, cold 20); paced: in place of --duration",
    )
    add("--repeats", type=int, metavar="N", help="fresh processes per variant (cold, default 10)")
    add("--variant", nargs="+", default=[], metavar="ID", help="measure these variants alone")
    add("--runtime", choices=list(RUNTIMES), help="measure this runtime's variants alone")
    add("--threads", type=int, nargs="+", metavar="N", help="engine threads; several in a sweep")
    add("--source", metavar="S", help="frames to use (default: the bundle's golden frames)")
    add("--size", metavar="WxH", help="resize the frames first, such as 640x480")
    add(
        "--isolation",
        choices=("none", "thread", "process"),
        default="none",
        help="none: analyse in this process (default); thread, process: a live session",
    )
    add("--profile", action="store_true", help="time per layer, the slowest first (closed)")
    add("--spin", action="store_true", help="engine threads wait awake (ONNX Runtime)")
    add("--keep-warm", action="store_true", help="one more engine call in each pause")
    add(
        "--placement",
        choices=("auto", "pinned", "free"),
        default="auto",
        help="the engine's threads: a core each, the kernel's, or as provision measured (auto)",
    )
    add(
        "--deadline-ms",
        type=float,
        metavar="MS",
        help="from capture to result (default: one frame period)",
    )
    add(
        "--max-growth",
        type=float,
        metavar="MIB",
        help="MiB per hour that memory may grow by in a soak (default 10); more is exit code 3",
    )
    add("--target", metavar="NAME", help="judge a target's budget; a name, or FILE.toml")
    add("--baseline", type=Path, metavar="FILE", help="compare with an earlier --json FILE")
    add("--fail-over", metavar="PERCENT", help="exit code 3 if slower than --baseline by more")
    add("--force", action="store_true", help="compare unlike machines or models all the same")
    add(
        "--json", type=Path, metavar="FILE", help="write everything measured (schema: bench schema)"
    )
    add("--markdown", type=Path, metavar="FILE", help="write the tables as Markdown")
    add("--csv", type=Path, metavar="FILE", help="write the figures, a line per run and figure")
    add("--html", type=Path, metavar="FILE", help="write a page with tables and plots")
    return result


def options(argv: Sequence[str]) -> Options:
    """Parse and check.

    Raises:
        InvalidSettings: a value is out of range, or options do not go together.
        OutputError: an output cannot be written to its path.
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
    for name in MEANINGLESS[mode]:
        if getattr(args, name) is not None:
            word = "--" + name.replace("_", "-")
            raise InvalidSettings(f"{word} has no meaning in mode {mode}; leave it out")
    duration = DURATION_S[mode] if args.duration is None else args.duration
    if args.duration is not None:
        _within("--duration", duration, 1e6)
        if args.frames is not None:
            raise InvalidSettings("give --frames or --duration, not both")
    if args.frames is not None and args.frames < 1:
        raise InvalidSettings("--frames must be 1 or more")
    if args.repeats is not None and args.repeats < 1:
        raise InvalidSettings("--repeats must be 1 or more")
    if args.deadline_ms is not None:
        _within("--deadline-ms", args.deadline_ms, 1e6)
    if args.max_growth is not None:
        _within("--max-growth", args.max_growth, 1e6)
    if args.profile and mode != "closed":
        raise InvalidSettings(f"--profile has no meaning in mode {mode}; leave it out")
    if args.bundle.suffix == ".onnx":
        _check_graph(args)
    if args.fail_over is not None and args.baseline is None:
        raise InvalidSettings("--fail-over needs a --baseline to compare with")
    outputs = Outputs(json=args.json, markdown=args.markdown, csv=args.csv, html=args.html)
    outputs.check([i for i in (args.bundle, args.source, args.baseline) if i is not None])
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
        placement=args.placement,
        deadline_ms=args.deadline_ms,
        repeats=args.repeats or 10,
        max_growth_mib_per_h=args.max_growth or 10.0,
        profile=args.profile,
        target=args.target,
        explicit=frozenset(n for n in ("fps", "threads") if getattr(args, n) is not None),
        baseline=args.baseline,
        fail_over=None if args.fail_over is None else percent(args.fail_over),
        force=args.force,
        outputs=outputs,
    )


def _check_graph(args: argparse.Namespace) -> None:
    """Refuse what only a bundle has."""
    defaults = {"mode": "closed", "isolation": "none", "variant": [], "placement": "auto"}
    drive = ("spin", "keep_warm", "placement")
    for name in ("mode", "isolation", "variant", "source", "size", *drive, "target"):
        value = getattr(args, name)
        if value and value != defaults.get(name):
            option = "--" + name.replace("_", "-")
            raise InvalidSettings(
                f"{option} needs a bundle: a bare graph has engine calls alone, back to back; "
                f"leave it out, or export a bundle from the network"
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


def _within(name: str, value: float, maximum: float) -> None:
    if not (math.isfinite(value) and 0 < value <= maximum):
        raise InvalidSettings(f"{name} must be above 0 and at most {maximum:g}, not {value:g}")


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 0 < int(width) <= 8192):
        raise InvalidSettings(f"--size is {text!r}; write it as 640x480")
    if not 0 < int(height) <= 8192:
        raise InvalidSettings(f"--size is {text!r}; write it as 640x480, at most 8192 each")
    return int(width), int(height)
