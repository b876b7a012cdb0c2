"""`sonoedge provision`: build, check and time a bundle's engines on this device."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sonoedge import __version__
from sonoedge.bundle import Bundle, read_bundle
from sonoedge.device.fingerprint import FINGERPRINTS
from sonoedge.device.record import Provision
from sonoedge.device.store import store_folder
from sonoedge.engines.choose import candidates
from sonoedge.errors import SonoedgeError
from sonoedge.outputs.place import check_output
from sonoedge.outputs.whole_file import write_whole
from sonoedge.provision.build import BuildSettings, check_device
from sonoedge.provision.prepare import TaskState
from sonoedge.provision.provisioning import ProvisionOutcome
from sonoedge.provision.provisioning import provision as work
from sonoedge.provision.tasks import Step, dry_run, first_blocker, provision_tasks
from sonoedge.runtime import RUNTIMES
from sonoedge.settings import plain
from sonoedge.terminal.termination import termination
from sonoedge.verbs.doctor import examine

NAMES: Final = ("all", *RUNTIMES)
SCHEMA: Final = "sonoedge-provision-report-1"
STATES: Final = {"ready": "ok", "note": "note", "blocked": "BLOCKED"}


def provision(argv: Sequence[str]) -> int:
    """sonoedge provision BUNDLE [--runtime NAME] [--dry-run] [--report FILE]"""
    args = _parser().parse_args(argv)
    check_output("--report", args.report, args.bundle)
    bundle = read_bundle(args.bundle)
    report: dict[str, Any] = {"schema": SCHEMA, "sonoedge": __version__}
    report["bundle_id"] = bundle.manifest.bundle_id
    report["asked"] = {"runtime": args.runtime, "dry_run": args.dry_run}
    try:
        if args.report is not None:
            _write(args.report, report)  # that it can be written must not turn out at the end
        check_device(args.device)
        with termination():
            code = _dry(bundle, args, report) if args.dry_run else _work(bundle, args, report)
    except SonoedgeError as error:
        report["error"] = {"token": error.token, "message": str(error)}
        raise
    finally:
        if args.report is not None:
            report["machine"] = plain(examine())
            _write(args.report, report)
    return code


def _dry(bundle: Bundle, args: argparse.Namespace, report: dict[str, Any]) -> int:
    """0 where nothing is in the way; otherwise the exit code of what is."""
    bundle.check()
    steps = dry_run(bundle, provision_tasks(bundle, args.runtime))
    report["steps"] = [{"what": s.title, "state": s.state, "why": s.why} for s in steps]
    print("\n".join(_step(step) for step in steps))
    error = first_blocker(steps)
    if error is None:
        print("nothing was built, measured or written: this was a dry run")
        return 0
    print("nothing was done; what is BLOCKED above cannot be done here", file=sys.stderr)
    return error.exit_code


def _work(bundle: Bundle, args: argparse.Namespace, report: dict[str, Any]) -> int:
    bundle.check()
    build = BuildSettings(
        workspace_bytes=None if args.workspace_mb is None else args.workspace_mb << 20,
        compute_capability=args.compute_capability,
        device=args.device,
        accept_float=args.accept_float,
        timeout_s=args.timeout_s,
    )
    # Also of what is not kept: what a device cannot do is evidence as well.
    task_reports: list[dict[str, Any]] = report.setdefault("tasks", [])
    outcome = work(
        bundle,
        provision_tasks(bundle, args.runtime),
        build=build,
        rounds=args.rounds,
        say=_say,
        after=lambda state: task_reports.append(_job(state)),
        fps=args.fps,
    )
    report |= _report(outcome)
    print("\n".join(table(outcome.provision)))
    print(f"written: {store_folder(bundle.folder).name}, beside the bundle")
    chosen = candidates(bundle, "auto").order[0]
    print(f"auto takes {chosen.variant.id} on {chosen.runtime}: {chosen.speed}")
    return 0


def _job(state: TaskState) -> dict[str, Any]:
    return {
        "variant": state.task.variant.id,
        "runtime": state.task.runtime,
        "why": state.why,
        "notes": list(state.notes),
        "check": plain(state.check),
        "build": None if state.built is None else state.built.report,
        "int8": None if state.built is None else plain(state.built.int8),
    }


def _report(outcome: ProvisionOutcome) -> dict[str, Any]:
    return {
        "provision": plain(outcome.provision),
        "engines": plain(outcome.engines),
        "samples_ms": {name: [round(ms, 5) for ms in s] for name, s in outcome.samples_ms.items()},
    }


def table(outcome: Provision) -> list[str]:
    """One line per variant and runtime."""
    lines = [
        f"{'variant':<26} {'runtime':<14} {'state':<12} {'p50 ms':>8} {'p90 ms':>8} "
        f"{'flags':>7} {'overlap':>8}"
    ]
    for r in outcome.results:
        times = (
            ("-", "-") if r.timing is None else (f"{r.timing.p50_ms:.2f}", f"{r.timing.p90_ms:.2f}")
        )
        agree = (
            ("-", "-") if r.check is None else (f"{r.check.flags_agree:.0%}", f"{r.check.dice:.3f}")
        )
        lines.append(
            f"{r.variant:<26} {r.runtime:<14} {r.status:<12} {times[0]:>8} {times[1]:>8} "
            f"{agree[0]:>7} {agree[1]:>8}"
        )
        if r.why:
            lines.append(f"    {r.why}")
        lines += [f"    {note}" for note in r.notes()]
    lines.append("flags, overlap: of the golden frames, with what was verified at export.")
    return lines


def _step(step: Step) -> str:
    tail = f"\n{'':10}{step.why}" if step.why else ""
    return f"{STATES[step.state]:<10}{step.title}{tail}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _write(file: Path, report: dict[str, Any]) -> None:
    text = json.dumps(report, indent=1, allow_nan=False) + "\n"
    write_whole("the report", file, text.encode())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge provision",
        description="Build, check and time a bundle's engines on this device. The result lies "
        "beside the bundle, in BUNDLE.provision; opening the bundle then takes what is the "
        "fastest here.",
    )
    add = parser.add_argument
    add("bundle", type=Path, metavar="BUNDLE", help="the bundle's folder")
    add(
        "--runtime",
        choices=NAMES,
        default="all",
        metavar="NAME",
        help=f"{', '.join(NAMES)}: only this runtime's variants; tensorrt and tensorrt-rtx "
        "build their engines",
    )
    add("--dry-run", action="store_true", help="check everything, build and write nothing")
    add("--report", type=Path, metavar="FILE", help="all of it as JSON, raw samples included")
    add("--rounds", type=_count, default=40, metavar="N", help="turns of the timing (40)")
    add(
        "--fps",
        type=_pace,
        default=30.0,
        metavar="N",
        help="the device's frames a second (30): engines' threads are tried at this pace with a "
        "core each, and free",
    )
    add(
        "--workspace-mb",
        type=_count,
        metavar="N",
        help=f"most scratch memory of a build, for {' and '.join(FINGERPRINTS)}",
    )
    add(
        "--compute-capability",
        metavar="M.N",
        help="build for such a GPU (tensorrt-rtx); left out: for this one",
    )
    add("--device", choices=("gpu", "dla"), default="gpu", help="dla is refused: not built yet")
    add(
        "--accept-float",
        action="store_true",
        help="keep an engine that computes in float what was meant in int8",
    )
    add("--timeout-s", type=_seconds, default=3600.0, metavar="S", help="longest build (3600)")
    return parser


def _seconds(text: str) -> float:
    seconds = _number(text)
    if not 0 < seconds <= 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} must be above 0 and at most 1000000 seconds")
    return seconds


def _pace(text: str) -> float:
    fps = _number(text)
    if not 1 <= fps <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} must be 1 to 1000 frames a second")
    return fps


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, 1 to 1000000")
    return int(text)
