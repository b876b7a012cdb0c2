"""Live use: newest frame wins, every frame accounted for, and an engine that may crash."""

from sonoedge.session.ledger import Counters
from sonoedge.session.live import LiveSession
from sonoedge.session.shadow.disagreement import Disagreement, DisagreementKind
from sonoedge.session.shadow.settings import Shadow
from sonoedge.session.shadow.status import ShadowReason, ShadowState, ShadowStatus
from sonoedge.session.start import live
from sonoedge.session.states import HealthRules, State, StateReason, Status
from sonoedge.session.switch_status import SwitchStatus

__all__ = [
    "Counters",
    "Disagreement",
    "DisagreementKind",
    "HealthRules",
    "LiveSession",
    "Shadow",
    "ShadowReason",
    "ShadowState",
    "ShadowStatus",
    "State",
    "StateReason",
    "Status",
    "SwitchStatus",
    "live",
]
