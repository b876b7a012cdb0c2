"""What a call of `LiveSession.switch` does in its caller's thread."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from sonoedge.analysis import Origin
from sonoedge.engines.options import EngineOptions
from sonoedge.engines.settings_check import check_settings
from sonoedge.errors import Closed, InvalidSettings, SwitchRefused
from sonoedge.session.exchange import Exchange
from sonoedge.session.opening import Opening
from sonoedge.session.states import State
from sonoedge.session.supervisor import Supervisor
from sonoedge.session.switching import SwitchRequest
from sonoedge.session.times import check_times
from sonoedge.trust.policy import TrustPolicy

SWITCHABLE = (State.READY, State.DEGRADED, State.PAUSED)


def switch(
    exchange: Exchange,
    supervisor: Supervisor,
    opening: Opening | None,
    bundle: str | Path,
    *,
    engine: EngineOptions | None,
    trust: TrustPolicy | None,
    timeout_s: float,
    clock_ns: Callable[[], int],
) -> Origin:
    """See `LiveSession.switch`.

    Args:
        opening: how the session opens bundles; None where it cannot load another one.
    """
    check_times(timeout_s=timeout_s)
    if opening is None:
        raise InvalidSettings('switching bundles needs isolation="process"')
    opening = dataclasses.replace(
        opening,
        certainty=None,  # another bundle has its own thresholds
        engine=opening.engine if engine is None else engine,
        trust=opening.trust if trust is None else trust,
    )
    check_settings(opening.engine, roi=opening.roi, guard=opening.guard, tracking=opening.tracking)
    _check_state(exchange)
    until_ns = clock_ns() + round(timeout_s * 1e9)
    new = opening.read(bundle)
    request = SwitchRequest(new.bundle, until_ns)
    try:
        new.use_grant()
        supervisor.switch(request)
    except BaseException:
        new.bundle.release()  # from here on the session's thread does so where nothing comes of it
        raise
    # A grant of the bundle before is left: that may have to run again, after a restart even. It
    # is spent when a session, or an analyser, begins with the new one.
    return request.wait(timeout_s)


def _check_state(exchange: Exchange) -> None:
    """Refuse where no analysis runs that could be gone back to."""
    if exchange.closed:
        raise Closed("the session is closed; start another one")
    state = exchange.standing.state
    if state not in SWITCHABLE:
        raise SwitchRefused(
            f"the session is {state.value}; it can switch while it is READY, DEGRADED or PAUSED, "
            "with a bundle loaded that it can go back to"
        )
