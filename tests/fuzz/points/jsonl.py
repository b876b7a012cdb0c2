"""JSON Lines: whatever analysis comes from the engine's process, its line is strict JSON."""

from __future__ import annotations

import json
from typing import NoReturn

from fuzz.entry_point import EntryPoint
from fuzz.points.answers import ANALYSES, ORIGIN
from sonoedge.outputs.jsonl import line
from sonoedge.session.worker.process import NONSENSE
from sonoedge.session.worker.wire import Unpacker
from sonoedge.session.worker.wire_analysis import analysis_from


def _refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is not a number of JSON")


def attack(data: bytes) -> None:
    try:
        messages = Unpacker().feed(data)
        analyses = [analysis_from(*message, ORIGIN) for message in messages]
    except NONSENSE:
        return  # the engine's process is ended, see the point "worker-wire"
    for analysis in analyses:
        text = line(analysis, file="a.png", captured_at_ns=analysis.captured_ns)
        assert text.count(b"\n") == 1
        row = json.loads(text, parse_constant=_refuse)
        assert row["outcome"] in ("analysed", "not_analysed")
        assert row["outcome"] == "analysed" or row["regions"] is None
        assert row["outcome"] == "analysed" or row["reasons"]


POINT = EntryPoint(attack=attack, seeds=ANALYSES, engines=("bytes", "coverage"), tolerated=())
