"""How often a test repeats itself: less where each instruction takes ten times as long."""

from __future__ import annotations

import os
from typing import Final

EMULATED: Final = "QEMU_LD_PREFIX" in os.environ
NIGHTLY: Final = "SONOEDGE_NIGHTLY" in os.environ


def repetitions(count: int) -> int:
    """So many; a twentieth of them under `make emulate`, and one at least."""
    return max(1, count // 20) if EMULATED else count


def sample_size(count: int) -> int:
    """So many of a test's random cases under `make nightly`; a third, and one at least, before."""
    return count if NIGHTLY else max(1, count // 3)
