"""The candidate bundle of `sonoedge run --live`: its settings, and what is said of it."""

from __future__ import annotations

import argparse
from typing import Any

from sonoedge.outputs.wording import counted
from sonoedge.session import Shadow, ShadowState, ShadowStatus
from sonoedge.terminal.screen import Line

_COLOURS = {ShadowState.RUNNING: "", ShadowState.GIVEN_UP: "bad"}


def shadow_settings(args: argparse.Namespace) -> Shadow | None:
    """What --shadow and --shadow-every say; None without a candidate.

    Raises:
        InvalidSettings: a value is out of range.
    """
    if args.shadow is None:
        return None
    if args.shadow_every is None:
        return Shadow(bundle=args.shadow)
    return Shadow(bundle=args.shadow, every=args.shadow_every)


def shadow_report(status: ShadowStatus | None) -> dict[str, Any]:
    """The summary's part on the candidate; empty without one."""
    if status is None:
        return {}
    return {
        "shadow": {
            "state": status.state.value,
            "bundle_id": status.bundle_id,
            "due": status.due,
            "compared": status.compared,
            "agreed": status.agreed,
            "disagreements": dict(sorted(status.disagreements.items())),
            "not_compared": dict(sorted(status.not_compared.items())),
            "failures": dict(sorted(status.failures.items())),
        }
    }


def shadow_line(status: ShadowStatus) -> Line:
    """What the candidate does, in one line."""
    counts = ", ".join(f"{kind} {n}" for kind, n in sorted(status.disagreements.items()))
    failures = ", ".join(f"{why} {n}" for why, n in sorted(status.failures.items()))
    words = f"shadow    {status.state.value}, {counted(status.compared, 'frame')} compared"
    words += f", {status.agreed} agreed"
    if counts:
        words += f"; disagreements: {counts}"
    if failures:
        words += f"; failed: {failures}"
    return words, _COLOURS.get(status.state, "look" if failures else "")
