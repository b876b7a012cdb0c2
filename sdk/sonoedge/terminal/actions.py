"""The actions of a verb, such as `sonoedge store ACTION`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sonoedge.terminal.meant import meant

if TYPE_CHECKING:
    Actions = argparse._SubParsersAction[argparse.ArgumentParser]


def add_actions(parser: argparse.ArgumentParser) -> Actions:
    """Where a verb's actions are added; `args.action` is the one that was asked for."""
    return parser.add_subparsers(dest="action", required=True, metavar="ACTION", help="one of")


def parse_action(
    parser: argparse.ArgumentParser, actions: Actions, argv: Sequence[str]
) -> argparse.Namespace:
    """Read the command line; of an action that there is none of, say which was meant."""
    word = next((argument for argument in argv if not argument.startswith("-")), None)
    if word is not None and word not in actions.choices:
        known = ", ".join(actions.choices)
        parser.error(f"{word!r} is unknown{meant(word, actions.choices)}; it is one of {known}")
    return parser.parse_args(argv)
