"""The modes by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sonoedge_bench.modes.beside import beside
from sonoedge_bench.modes.closed import closed
from sonoedge_bench.modes.cold import cold
from sonoedge_bench.modes.paced import paced
from sonoedge_bench.modes.plan import Plan
from sonoedge_bench.modes.soak import soak
from sonoedge_bench.modes.sweep import sweep
from sonoedge_bench.modes.tape import Recording

MODES: Final[dict[str, Callable[[Plan, Recording], None]]] = {
    "closed": closed,
    "paced": paced,
    "beside": beside,
    "cold": cold,
    "soak": soak,
    "sweep": sweep,
}
