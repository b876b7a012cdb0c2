"""sonoedge audit: begin an audit log, check one, and say how far it has come."""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sonoedge.audit import SealKey, Verified, create_log, first_key, parse_anchor, verify_log
from sonoedge.bounded_read import read_bounded
from sonoedge.durable import sync_folder, write_durably
from sonoedge.errors import InvalidSettings, OutputError
from sonoedge.outputs.wording import counted
from sonoedge.settings import plain
from sonoedge.terminal.actions import add_actions, parse_action

_KEY_DIGITS: Final = 64


def audit(argv: Sequence[str]) -> int:
    """sonoedge audit init|verify|head FOLDER ..."""
    parser = argparse.ArgumentParser(
        prog="sonoedge audit",
        description="The log of what a device did, which nobody can change unseen.",
    )
    actions = add_actions(parser)
    init = actions.add_parser("init", help="begin a log, and show its first key, once")
    init.add_argument(
        "--key-out", type=Path, metavar="FILE", help="write the key there, and do not show it"
    )
    verify = actions.add_parser("verify", help="check a log's chain, its seals and its end")
    verify.add_argument(
        "--key",
        metavar="FILE|KEY",
        help="the first key, or its file; without it seals are not checked",
    )
    verify.add_argument(
        "--at-least",
        metavar="SEQ|ANCHOR",
        help="how far the log must have come: a record's number, or what head printed",
    )
    head = actions.add_parser("head", help="print how far a log has come, to keep elsewhere")
    for action in (verify, head):
        action.add_argument("--json", action="store_true", help="as JSON on standard output")
    for action in (init, verify, head):
        action.add_argument("folder", type=Path, metavar="FOLDER", help="the log's folder")
    args = parse_action(parser, actions, argv)
    return _ACTIONS[args.action](args)


def _init(args: argparse.Namespace) -> int:
    if args.key_out is not None and args.key_out.exists():
        raise OutputError(f"{args.key_out.name} exists already; keys are never overwritten")
    key = create_log(args.folder)
    if args.key_out is None:
        print(f"first key  {key}")
        print("Keep it elsewhere than on this device: it is shown this once.")
        return 0
    try:
        write_durably(args.key_out, f"{key}\n".encode(), 0o600)
        sync_folder(args.key_out.parent)
    except OSError as error:
        raise OutputError(
            f"{args.key_out.name} cannot be written: {error.strerror}; remove "
            f"{shlex.quote(str(args.folder))} and begin again"
        ) from None
    print(f"first key  in {args.key_out.name}: keep it elsewhere than on this device")
    return 0


def _verify(args: argparse.Namespace) -> int:
    anchor = None if args.at_least is None else parse_anchor(args.at_least)
    key = None if args.key is None else _key(args.key)
    try:
        verified = verify_log(args.folder, key=key, anchor=anchor)
    except OSError as error:
        raise InvalidSettings(f"{args.folder.name} cannot be read: {error.strerror}") from None
    if args.json:
        print(json.dumps(plain(verified), indent=1))
    else:
        print("\n".join(_lines(verified, anchored=anchor is not None)))
    return 0


def _head(args: argparse.Namespace) -> int:
    try:
        verified = verify_log(args.folder)
    except OSError as error:
        raise InvalidSettings(f"{args.folder.name} cannot be read: {error.strerror}") from None
    values = {"seq": verified.last, "hash": verified.hash, "seal": verified.seal}
    text = ":".join(str(value) for value in values.values() if value != "")
    print(json.dumps(values) if args.json else text)
    return 0


def _key(text: str) -> SealKey:
    """The key itself, or what stands in its file."""
    path = Path(text)
    if path.is_file():
        try:
            text = read_bounded(path, 2 * _KEY_DIGITS).decode("ascii", "replace").strip()
        except OSError as error:
            raise InvalidSettings(f"{path.name} cannot be read: {error.strerror}") from None
    try:
        return first_key(text)
    except InvalidSettings as error:
        # The text itself is not shown: it may be a key with a digit too few.
        what = f"{path.name} holds none" if path.is_file() else "no file has this name"
        raise InvalidSettings(f"{error}, and {what}; give --key its file") from None


def _lines(log: Verified, *, anchored: bool) -> list[str]:
    lines = [f"records    {log.first} to {log.last}, in one chain"]
    if log.first > 0:
        lines.append(f"rolled off records 0 to {log.first - 1}, as the log says")
    checked = "all of the device's" if log.seals_checked else "not checked: give --key"
    lines.append(f"seals      {log.seals}, {checked}")
    if log.unsealed:
        since_s = (log.unsealed_since_ns or 0) / 1e9
        lines.append(
            f"unsealed   {counted(log.unsealed, 'record')}, since {since_s:.0f} s after the "
            "device's boot"
        )
    if not anchored:
        lines.append("end        not checked: give --at-least what `head` once printed")
    elif not log.anchor_checked:
        lines.append("end        beyond the anchor, whose own record was rolled off")
    else:
        lines.append("end        at the anchor, or beyond")
    if log.torn:
        lines.append(f"torn       {counted(log.torn, 'record')} by a crash")
    if log.lost:
        lines.append(f"lost       {counted(log.lost, 'record')}, as the log says")
    return lines


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "init": _init,
    "verify": _verify,
    "head": _head,
}
