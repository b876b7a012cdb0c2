"""`sonoedge systemd-unit`: print the unit by which systemd runs the live analysis."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sonoedge.errors import InvalidSettings
from sonoedge.metrics.textfile import check_name
from sonoedge.runtime import RUNTIMES
from sonoedge.service.endpoint import check_length, socket_mode
from sonoedge.service.unit import (
    EXECUTES_WHAT_IT_WRITES,
    RUN,
    STATE,
    UnitSettings,
    check_absolute,
    check_plain,
    check_visible,
    socket_unit,
    unit,
)

_SOCKET = str(RUN / "sonoedge.sock")
_MODE = "0660"


def systemd_unit(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code.

    Raises:
        InvalidSettings: an argument cannot stand in a unit, the unit would hide it, the service
            would refuse it, or it goes with another.
    """
    args = parser().parse_args(argv)
    _check(args)
    if args.socket_unit:
        made = socket_unit(args.socket or _SOCKET, mode=args.mode or _MODE, group=args.group)
        print(made, end="")
        return 0
    written = [path for path in (args.audit, args.record) if path is not None]
    if args.metrics is not None:
        written.append(str(Path(args.metrics).parent))
    if args.bundle.startswith("store:"):  # a store notes its trials and its health
        written.append(args.bundle.removeprefix("store:"))
    settings = UnitSettings(
        program=args.program or str(Path(sys.executable).with_name("sonoedge")),
        words=_words(args),
        runtime=args.runtime,
        user=args.user,
        group=args.group,
        camera=args.camera is not None,
        gpu=args.gpu,
        writable=[path for path in (*written, *args.writable) if not _is_its_own(path)],
        memory=args.memory,
        socket_unit=args.socket_activated,
    )
    print(unit(settings), end="")
    if args.runtime == "auto":
        print(
            "--runtime auto may take an engine that executes memory it has written "
            f"({', '.join(r for r in EXECUTES_WHAT_IT_WRITES if r != 'auto')}); name one, and the "
            "unit may forbid that where the engine does without",
            file=sys.stderr,
        )
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what the service would refuse or pass over, before it is installed."""
    if args.socket_unit and args.socket_activated:
        raise InvalidSettings("--socket-unit and --socket-activated are two units; print each")
    if args.camera is not None:
        if args.socket_unit or args.socket_activated or args.socket or args.mode:
            raise InvalidSettings("--camera brings the frames itself; leave the socket's words out")
        if not args.camera.startswith("/dev/"):
            raise InvalidSettings(f"--camera is {args.camera}; give a device such as /dev/video0")
    if args.socket_activated and (args.socket or args.mode):
        raise InvalidSettings("--socket and --mode go with --socket-unit, which makes the socket")
    if args.mode is not None:
        socket_mode(args.mode)
    if args.socket is not None:
        check_absolute(args.socket)
        check_length(args.socket)
    if args.socket is not None and not args.socket_unit:
        folders = [str(STATE), str(RUN), *args.writable]
        if not any(Path(args.socket).is_relative_to(folder) for folder in folders):
            raise InvalidSettings(
                f"the service cannot make {args.socket}: put it below {RUN}, or name its folder "
                "with --writable"
            )
    if args.blank_outside_region and args.record is None:
        raise InvalidSettings("--blank-outside-region goes with --record")
    if args.blank_outside_region and args.camera is not None:
        raise InvalidSettings(
            "a camera names no tissue region, so nothing would be recorded: leave "
            "--blank-outside-region or --record out"
        )
    if args.metrics is not None:
        check_name(args.metrics)
        check_absolute(args.metrics)
    folder = args.bundle.removeprefix("store:")
    check_plain(folder)
    check_absolute(folder)
    check_visible(folder)


def _words(args: argparse.Namespace) -> list[str]:
    """The verb that the service runs, and its arguments."""
    if args.camera is not None:
        words = ["run", args.bundle, args.camera, "--live"]
    else:
        words = ["serve", args.bundle]
        if not args.socket_activated:
            words += ["--socket", args.socket or _SOCKET, "--mode", args.mode or _MODE]
    words += ["--runtime", args.runtime]
    for option in ("audit", "record", "metrics"):
        value = getattr(args, option)
        words += [] if value is None else [f"--{option}", value]
    return words + ["--blank-outside-region"] * args.blank_outside_region


def _is_its_own(path: str) -> bool:
    """Whether systemd makes it writable already: a state or runtime directory, or below one."""
    return any(Path(path).is_relative_to(own) for own in (STATE, RUN))


def parser() -> argparse.ArgumentParser:
    """The verb's arguments."""
    parser = argparse.ArgumentParser(
        prog="sonoedge systemd-unit",
        description="Print a unit for systemd that runs the live analysis: it is told when the "
        "golden frames are answered, restarts what stands still, and lets the service reach "
        "nothing but what it needs. Nothing is installed.",
    )
    add = parser.add_argument
    add(
        "bundle",
        metavar="BUNDLE",
        nargs="?",
        default=str(STATE / "bundle"),
        help=f'the bundle\'s folder on the device, or "store:PATH"; {STATE}/bundle where not given',
    )
    add(
        "--runtime",
        default="auto",
        choices=("auto", *RUNTIMES),
        metavar="NAME",
        help=f"{', '.join(RUNTIMES)}: the unit allows what it needs; auto allows what any needs",
    )
    add("--user", default="sonoedge", metavar="NAME", help="who runs it; sonoedge")
    add(
        "--program",
        metavar="PATH",
        help="the command sonoedge on the device; where not given, this installation's",
    )
    add(
        "--camera",
        metavar="DEVICE",
        help="analyse this camera, such as /dev/video0; without it programs bring the frames",
    )
    add("--gpu", action="store_true", help="allow the GPU for another runtime than TensorRT")
    add("--socket", metavar="PATH", help=f"where programs connect; {_SOCKET}")
    add("--mode", metavar="MODE", help=f"of the socket's file; {_MODE}")
    add("--group", metavar="NAME", help="whoever is in it may connect")
    add("--audit", metavar="FOLDER", help="the audit log")
    add("--record", metavar="DIR", help="where clips around flags and faults go")
    add(
        "--blank-outside-region",
        action="store_true",
        help="with --record: what lies outside the tissue region is not recorded",
    )
    add("--metrics", metavar="FILE.prom", help="where a collector reads the figures")
    add(
        "--writable",
        action="append",
        default=[],
        metavar="FOLDER",
        help=f"another folder to write to; {STATE} and {RUN} are; may be repeated",
    )
    add("--memory", default="2G", metavar="SIZE", help="all that it may use; 2G")
    add(
        "--socket-activated",
        action="store_true",
        help="the socket comes from sonoedge.socket (see --socket-unit)",
    )
    add("--socket-unit", action="store_true", help="print that unit instead")
    return parser
