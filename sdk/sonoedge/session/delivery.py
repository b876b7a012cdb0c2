"""The thread that a session's callback is called in."""

from __future__ import annotations

from collections.abc import Callable

from sonoedge.analysis import Analysis
from sonoedge.foreign_error import describe_foreign
from sonoedge.session.exchange import Exchange


def deliver(exchange: Exchange, callback: Callable[[Analysis], None]) -> None:
    """The callback's thread. It holds no reference to the session, which may be dropped."""
    while (analysis := exchange.fetch()) is not None:
        try:
            callback(analysis)
        except BaseException as error:  # noqa: BLE001 - sys.exit() there ends nothing but the call
            import logging

            if exchange.callback_failed() == 1:  # the first tells all; the rest is counted
                log = logging.getLogger("sonoedge.session")
                log.error("on_analysis raised: %s", describe_foreign(error))
