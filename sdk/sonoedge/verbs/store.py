"""`sonoedge store`: which bundle of a device's store runs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from sonoedge.bundle.names import printable
from sonoedge.errors import BundleError
from sonoedge.outputs.wording import counted
from sonoedge.settings import plain
from sonoedge.store import (
    InstalledBundle,
    StoreStatus,
    activate,
    collect_garbage,
    fall_back,
    mark_good,
    read_status,
    recover,
    verify_store,
)
from sonoedge.store.state import MOST_TRIES
from sonoedge.terminal.actions import add_actions, parse_action
from sonoedge.verbs.engine_arguments import engine_options
from sonoedge.verbs.self_test_arguments import add_self_test_arguments, limits, report_line

LINES: Final = {
    "status": "show what is installed, and what runs",
    "activate": "test an installed bundle, and let it run from now on, on trial",
    "mark-good": "test the active bundle once more, and end its trial",
    "fall-back": "go back to the bundle that ran before",
    "recover": "put the store in order after an interruption",
    "verify": "check every file of every installed bundle",
    "gc": "remove bundles that are neither active nor fallen back to, nor open",
}


def store(argv: Sequence[str]) -> int:
    """sonoedge store status|activate|mark-good|fall-back|recover|verify|gc --store STORE"""
    parser = argparse.ArgumentParser(
        prog="sonoedge store",
        description="A device's store of bundles: one runs, one is fallen back to.",
    )
    actions = add_actions(parser)
    for name, line in LINES.items():
        action = actions.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
        if name == "activate":
            action.add_argument(
                "sha256", metavar="SHA256", help="of its manifest; 8 digits or more are enough"
            )
            action.add_argument("--again", action="store_true", help="even if it is blocked")
        action.add_argument(
            "--store", type=Path, required=True, metavar="STORE", help="the store's folder"
        )
        if name in ("activate", "mark-good"):
            add_self_test_arguments(action)
        action.add_argument("--json", action="store_true", help="print JSON to standard output")
    args = parse_action(parser, actions, argv)
    return _ACTIONS[args.action](args)


def _status(args: argparse.Namespace) -> int:
    status = read_status(args.store)
    _print(args, plain(status), _status_text(status))
    return 0


def _activate(args: argparse.Namespace) -> int:
    done = activate(
        args.store,
        args.sha256,
        engine=engine_options(args),
        limits=limits(args),
        again=args.again,
    )
    text = f"active, on trial: {done.sha256}\n{report_line(done.report)}"
    _print(args, {"active": done.sha256, "self_test": plain(done.report)}, text)
    return 0


def _mark_good(args: argparse.Namespace) -> int:
    sha256 = mark_good(args.store, engine=engine_options(args), limits=limits(args))
    _print(args, {"good": sha256}, f"good: {sha256}")
    return 0


def _fall_back(args: argparse.Namespace) -> int:
    sha256 = fall_back(args.store)
    _print(args, {"active": sha256}, f"active: {sha256}")
    return 0


def _recover(args: argparse.Namespace) -> int:
    done = recover(args.store)
    what = {"drafts": "drafts removed", "link": "link repaired", "modes": "folders made read-only"}
    text = ", ".join(line for key, line in what.items() if getattr(done, key))
    _print(args, plain(done), text or "in order")
    return 0


def _verify(args: argparse.Namespace) -> int:
    """Prints what is wrong with each bundle; the exit code tells whether anything is."""
    status = verify_store(args.store)
    _print(args, plain(status), _status_text(status))
    return BundleError.exit_code if status.problems else 0


def _gc(args: argparse.Namespace) -> int:
    done = collect_garbage(args.store)
    lines = [f"removed {sha256}" for sha256 in done.removed]
    lines += [f"kept, as a process has it open: {sha256}" for sha256 in done.in_use]
    _print(args, plain(done), "\n".join(lines) or "nothing to remove")
    return 0


def _print(args: argparse.Namespace, data: Any, text: str) -> None:
    print(json.dumps(data, indent=1) if args.json else text)


def _status_text(status: StoreStatus) -> str:
    lines = [line for bundle in status.bundles for line in _bundle_lines(bundle)]
    if not any(bundle.role in ("active", "on trial") for bundle in status.bundles):
        lines.append("no bundle is active; run: sonoedge store activate SHA256 --store STORE")
    if status.last_fall_back is not None:
        last = status.last_fall_back
        lines.append(f"last fall back: from {last.sha256[:12]}..., {last.token}: {last.why}")
    if status.blocked:
        lines.append(f"{counted(len(status.blocked), 'bundle')} blocked: ")
        lines[-1] += ", ".join(f"{sha256[:12]}..." for sha256 in status.blocked)
    if not status.link:
        lines.append("the link current is wrong; run: sonoedge store recover")
    return "\n".join(printable(line) for line in lines)


def _bundle_lines(bundle: InstalledBundle) -> list[str]:
    size = "" if bundle.bytes is None else f", {bundle.bytes / 1e6:.1f} MB"
    lines = [f"{bundle.role:<10}{bundle.sha256}", f"  {bundle.bundle_id or 'unreadable'}{size}"]
    if bundle.tries:
        lines[-1] += f", loaded {counted(bundle.tries, 'time')} of {MOST_TRIES}"
    if bundle.problem is not None:
        lines.append(f"  {bundle.problem}")
    return lines


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "status": _status,
    "activate": _activate,
    "mark-good": _mark_good,
    "fall-back": _fall_back,
    "recover": _recover,
    "verify": _verify,
    "gc": _gc,
}
