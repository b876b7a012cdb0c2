"""Live use: newest frame wins, every frame accounted for, and an engine that may crash."""

from sonoedge.session.ledger import Counters
from sonoedge.session.live import LiveSession
from sonoedge.session.start import live
from sonoedge.session.states import HealthRules, State, StateReason, Status

__all__ = ["Counters", "HealthRules", "LiveSession", "State", "StateReason", "Status", "live"]
