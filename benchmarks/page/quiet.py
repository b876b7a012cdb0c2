"""Whether a machine is quiet enough for figures that are printed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from sonoedge.errors import RuntimeUnavailable
from sonoedge_bench.machine.other_work import BUSY, Account, account, other_work

LISTEN_S: Final = 10.0


def refuse_busy(before: Account, after: Account, when: str) -> None:
    """Refuse what was measured between two accounts, where others worked meanwhile.

    Args:
        when: between what, for the message.

    Raises:
        RuntimeUnavailable: they used more than `BUSY` cores, or the system does not say.
    """
    others = other_work(before, after)
    used, stolen = others.other_cores, others.stolen_cores
    if used is None or stolen is None:
        raise RuntimeUnavailable("this system does not say who uses its processors")
    if max(used, stolen) > BUSY:
        raise RuntimeUnavailable(
            f"the machine is busy: {when} other processes used {used:.2f} cores and other "
            f"machines took {stolen:.2f}, at most {BUSY} may be; nothing is written, try again "
            "when it is quiet"
        )


def listen(
    read: Callable[[], Account] = account, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Do nothing for `LISTEN_S` seconds, and refuse a machine on which others work meanwhile.

    Raises:
        RuntimeUnavailable: see `refuse_busy`.
    """
    before = read()
    sleep(LISTEN_S)
    refuse_busy(before, read(), "while nothing was measured")
