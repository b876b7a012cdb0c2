"""What a candidate's comparison has come to since it was last recorded: counts alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sonoedge.audit.kinds import Value
from sonoedge.session.shadow.disagreement import DisagreementKind
from sonoedge.session.shadow.status import ShadowStatus

FIELDS: Mapping[str, DisagreementKind] = {
    "flags": DisagreementKind.FLAG,
    "regions": DisagreementKind.REGIONS,
    "suspicions": DisagreementKind.SUSPICION,
    "not_analysed": DisagreementKind.NOT_ANALYSED,
}


class ShadowCounts:
    """Differences of a candidate's counts.

    Args:
        manifest_sha256: the candidate's.
        status: its counts at this moment.
    """

    def __init__(self, manifest_sha256: str, status: Callable[[], ShadowStatus]) -> None:
        self._candidate = manifest_sha256
        self._status = status
        self._against = ""
        self._before: dict[str, int] = {}

    def record(self) -> Iterator[tuple[str, Mapping[str, Value]]]:
        """One record of what is new; none where nothing is."""
        status = self._status()
        if status.against != self._against:  # those have begun anew, the failures not
            self._against = status.against
            self._before = {"failures": self._before.get("failures", 0)}
        now = {"compared": status.compared, "failures": sum(status.failures.values())}
        now |= {name: status.disagreements.get(kind.value, 0) for name, kind in FIELDS.items()}
        new = {name: count - self._before.get(name, 0) for name, count in now.items()}
        self._before = now
        if any(new.values()):
            yield "shadow", {"candidate": self._candidate, **new}
