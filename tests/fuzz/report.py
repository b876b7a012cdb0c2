"""The table of a run, and the same as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fuzz.tally import Tally

MOST_MIB: Final = 512
_ROW: Final = "{:<18}{:>10}{:>9}{:>9}{:>7}{:>9}{:>11}{:>10}   {}"
HEAD: Final = _ROW.format(
    "entry point", "inputs", "seconds", "crashes", "hangs", "untyped", "slowest ms", "peak MiB",
    "inputs by engine",
)  # fmt: skip


def row(name: str, tally: Tally, engines: Mapping[str, int]) -> str:
    """One entry point's line."""
    return _ROW.format(
        name, f"{tally.inputs:,}", f"{tally.seconds:.0f}", tally.crashes, tally.hangs,
        tally.untyped, f"{1e3 * tally.slowest_s:.0f}", f"{tally.peak_kib / 1024:.0f}",
        ", ".join(f"{engine} {inputs:,}" for engine, inputs in engines.items()),
    )  # fmt: skip


def as_dict(tally: Tally, engines: Mapping[str, int]) -> dict[str, Any]:
    """One entry point's figures."""
    return {
        "inputs": tally.inputs,
        "seconds": round(tally.seconds, 1),
        "crashes": tally.crashes,
        "hangs": tally.hangs,
        "untyped": tally.untyped,
        "slowest_ms": round(1e3 * tally.slowest_s, 1),
        "peak_mib": round(tally.peak_kib / 1024, 1),
        "engines": dict(engines),
        "finds": [f"{find.kind} {find.where}" for find in tally.finds.values()],
    }
