"""What a live session tells its audit log, as it happens and by the minute: never any text."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sonoedge.analysis import Analysed, Analysis
from sonoedge.audit.chain import Anchor
from sonoedge.audit.flags import Flags
from sonoedge.audit.kinds import NONE, Value, as_token
from sonoedge.audit.log import AuditLog
from sonoedge.audit.shadow_counts import ShadowCounts
from sonoedge.errors import InvalidSettings, SonoedgeError
from sonoedge.session.engine import Answer, EngineFailure, EngineReady, GoldenAnswer
from sonoedge.session.ledger import Counters
from sonoedge.session.observer import SessionObserver
from sonoedge.session.states import State, StateReason

if TYPE_CHECKING:
    from sonoedge.bundle import Bundle
    from sonoedge.session.exchange import Clock, Exchange
    from sonoedge.session.shadow.status import ShadowStatus

SUPERSEDED = "SUPERSEDED"  # a frame's outcome that is no `Reason`


class SessionRecords(SessionObserver):
    """Records one session.

    Args:
        log: where to; it is closed with the session where the session has opened it.
        owned: whether it has.
    """

    def __init__(self, log: AuditLog, *, owned: bool) -> None:
        self._log, self._owned = log, owned
        self._session = secrets.token_hex(4)
        self._flags = Flags()
        self._lock = threading.RLock()  # a dropped session ends wherever the garbage is collected
        self._sampling = threading.RLock()
        self._reasons: tuple[str, ...] = ()
        self._golden = self._flagged = 0
        self._exchange: Exchange | None = None
        self._before: Counters | None = None
        self._candidate: ShadowCounts | None = None
        self._over = False

    def started(self, bundle: Bundle, *, max_age_ms: float) -> None:
        """The session starts with this bundle."""
        threshold = float(bundle.manifest.postprocess.flag_threshold)
        self._record("session_start", {"max_age_ms": float(max_age_ms), "threshold": threshold})
        self._bundle(bundle)

    def refused(self, error: Exception) -> None:
        """The session does not begin: its bundle, say, cannot be used."""
        token = error.token if isinstance(error, SonoedgeError) else as_token(type(error).__name__)
        self._record("start_refused", {"error": token}, urgent=True)
        self._finish(2.0)

    def begin(self, exchange: Exchange) -> None:
        """The session begins."""
        self._exchange = exchange
        self._log.attach(self._minute, self._storage)

    def state_changed(self, state: str, reasons: tuple[str, ...]) -> None:
        """One record for each reason that is new, or one where none is."""
        new = [reason for reason in reasons if reason not in self._reasons]
        self._reasons = reasons
        fault = state == State.FAULT.value
        for reason in new or reasons[:1] or [NONE]:
            self._record(
                "state",
                {"state": state, "reason": reason, "reasons": len(reasons)},
                urgent=fault,
                always=fault,
            )

    def outcome(self, analysis: Analysis) -> None:
        """A flag is recorded when it goes up; frames are counted."""
        if isinstance(analysis, Analysed):
            with self._lock:
                self._flagged += bool(analysis.flagged)
            for kind, values in self._flags.raised(analysis):
                self._record(kind, values, urgent=True)

    def answer(self, answer: Answer) -> None:
        """Self-tests one by one; golden frames that were answered rightly by the minute."""
        if isinstance(answer, EngineReady):
            variant = as_token(answer.origin.variant)
            self._self_test(variant=variant, engine=as_token(answer.origin.engine_sha256))
        elif isinstance(answer, EngineFailure):
            self._self_test(error=answer.error.token)
        elif isinstance(answer, GoldenAnswer):
            if answer.error is not None:
                self._record("golden_failed", {"error": answer.error.token}, urgent=True)
            else:
                with self._lock:
                    self._golden += 1

    def switched(self, bundle: Bundle | None) -> None:
        """The session has changed to this bundle."""
        if bundle is not None:
            self._bundle(bundle)

    def watch(self, manifest_sha256: str, status: Callable[[], ShadowStatus]) -> None:
        """Record by the minute what becomes of the candidate bundle with this digest."""
        self._candidate = ShadowCounts(manifest_sha256, status)

    def head(self) -> Anchor | None:
        """How far the log has come."""
        return self._log.head

    def end(self, timeout_s: float) -> None:
        """The session is over."""
        with self._lock:
            over, self._over = self._over, True
        if over:
            return
        if self._exchange is not None:
            self._log.detach(self._minute, self._storage)
            for kind, values in self._minute():
                self._log.record(kind, values, always=True)
            counters = self._exchange.status().counters
            self._record(
                "session_stop",
                {
                    "submitted": counters.submitted,
                    "analysed": counters.analysed,
                    "not_analysed": sum(counters.not_analysed.values()),
                    "superseded": counters.superseded,
                    "in_flight": counters.in_flight,
                },
                urgent=True,
            )
        self._finish(timeout_s)

    def _bundle(self, bundle: Bundle) -> None:
        signers = sorted(key.id for key in bundle.vouched.keys) or [NONE]
        self._record(
            "bundle_opened",
            {
                "manifest": bundle.manifest_sha256,
                "bundle": as_token(bundle.manifest.bundle_id),
                "signer": signers[0],
            },
        )
        for signer in signers[1:]:
            self._record("co_signer", {"signer": signer})

    def _self_test(self, *, error: str = NONE, variant: str = NONE, engine: str = NONE) -> None:
        passed = error == NONE
        values: Mapping[str, Value] = {
            "passed": passed,
            "error": error,
            "variant": variant,
            "engine": engine,
        }
        self._record("self_test", values, urgent=not passed)

    def _finish(self, timeout_s: float) -> None:
        if self._owned:
            self._log.close(timeout_s)
        elif timeout_s > 0:
            self._log.flush(timeout_s)

    def _minute(self) -> list[tuple[str, Mapping[str, Value]]]:
        """What was counted since the last call; nothing where nothing was."""
        if self._exchange is None:
            return []
        with self._sampling:  # the log's thread, and whoever ends the session
            now, before = self._exchange.status().counters, self._before
            self._before = now
            candidate = [] if self._candidate is None else list(self._candidate.record())
            with self._lock:
                golden, self._golden = self._golden, 0
                flagged, self._flagged = self._flagged, 0
        session = {"session": self._session}
        submitted = now.submitted - (before.submitted if before else 0)
        analysed = now.analysed - (before.analysed if before else 0)
        records: list[tuple[str, Mapping[str, Value]]] = []
        if submitted or analysed or flagged:
            counts = {"submitted": submitted, "analysed": analysed, "flagged": flagged}
            records.append(("frames", {**session, **counts}))
        for reason, count in _drops(now, before).items():
            records.append(("drops", {**session, "reason": reason, "count": count}))
        if golden:
            records.append(("golden", {**session, "passed": golden}))
        records += [(kind, {**session, **values}) for kind, values in candidate]
        return records

    def _storage(self, failing: bool) -> None:
        if self._exchange is not None:
            self._exchange.standing.condition(StateReason.LOG_STORAGE, failing)

    def _record(
        self,
        kind: str,
        values: Mapping[str, Value],
        *,
        urgent: bool = False,
        always: bool = False,
    ) -> None:
        values = {"session": self._session, **values}
        self._log.record(kind, values, urgent=urgent, always=always)


def session_records(audit: object, clock_ns: Clock) -> SessionRecords:
    """The records of a session that begins.

    Args:
        audit: an open log, or the folder of one, which the session opens and closes.

    Raises:
        InvalidSettings: it is neither.
        AuditBroken: the log has lost the key for its next seal.
    """
    if isinstance(audit, AuditLog):
        return SessionRecords(audit, owned=False)
    if not isinstance(audit, str | Path):
        raise InvalidSettings(
            f"audit is an audit log or its folder's path, not {type(audit).__name__}"
        )
    return SessionRecords(AuditLog(audit, clock_ns=clock_ns), owned=True)


def _drops(now: Counters, before: Counters | None) -> dict[str, int]:
    """Frames that were not analysed since, by reason."""
    new = dict(now.not_analysed)
    new[SUPERSEDED] = now.superseded
    for reason, count in before.not_analysed.items() if before else ():
        new[reason] -= count
    new[SUPERSEDED] -= before.superseded if before else 0
    return {reason: count for reason, count in sorted(new.items()) if count}
