"""Four ways of dying at seven moments, many times each: does the host live?"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import sonoedge
from sonoedge import EngineOptions, Status
from sonoedge.errors import InvalidSettings
from sonoedge_bench.reliability.context import Context, faulty
from sonoedge_bench.reliability.drive import frame
from sonoedge_bench.reliability.faulty_bundle import first_frame_call
from sonoedge_bench.reliability.figures import Figure
from sonoedge_bench.reliability.restart import ANY_DEATHS

KINDS = ("sigsegv", "sigabrt", "sigkill", "exit")
LIMIT_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When an engine dies.

    Attributes:
        fault: the when of `sonoedge_runtimes.testing.faulty.Fault`.
        frames: whether frames are submitted meanwhile; without, golden frames are asked.
    """

    name: str
    fault: dict[str, Any]
    frames: bool


def moments(first: int) -> tuple[Moment, ...]:
    """The seven; `first` is the first live frame's call."""
    return (
        Moment(name="while it loads", fault={"at": "load"}, frames=True),
        Moment(name="at the first warm-up call", fault={"call": 0}, frames=True),
        Moment(name="at its last call before it is ready", fault={"call": first - 1}, frames=True),
        Moment(name="at the first frame", fault={"call": first}, frames=True),
        Moment(name="at a later frame", fault={"call": first + 5}, frames=True),
        Moment(
            name="idle after a frame", fault={"at": "idle", "call": first, "ms": 5}, frames=True
        ),
        Moment(name="at a golden frame while idle", fault={"call": first}, frames=False),
    )


def crashes(context: Context) -> list[Figure]:
    """Every case in a session of its own, two at a time, each until so many deaths."""
    deaths = context.count(100, 2)
    first = first_frame_call(context.small)
    cases = [(kind, moment) for moment in moments(first) for kind in KINDS]
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda case: _case(context, case[0], case[1], deaths), cases))
    unbalanced = sum(not s.counters.balanced or s.counters.in_flight > 0 for s in ends)
    return [
        Figure(name="cases (ways of dying x moments)", value=len(cases)),
        Figure(name="deaths of the engine", value=sum(status.deaths for status in ends)),
        Figure(name="sessions whose counters do not add up", value=unbalanced, limit=0),
    ]


def _case(context: Context, kind: str, moment: Moment, deaths: int) -> Status:
    """The session's last status, after so many deaths that this process, its host, has outlived.

    Raises:
        InvalidSettings: the deaths do not come.
    """
    with (
        faulty(context, {"kind": kind} | moment.fault) as bundle,
        sonoedge.live(
            bundle,
            lambda analysis: None,
            wait=False,
            max_age_ms=60_000,
            golden_idle_s=0.01,
            health=ANY_DEATHS,
            engine=EngineOptions(test_doubles=True),
        ) as session,
    ):
        end = time.monotonic() + LIMIT_S
        number = 0
        while (status := session.status()).deaths < deaths:
            if not status.counters.balanced:
                return status
            if time.monotonic() > end:
                raise InvalidSettings(f"{kind} {moment.name}: {status}")
            if moment.frames:
                session.submit(frame(number % 8))
                number += 1
            time.sleep(0.002)
    return session.status()
