"""A candidate bundle beside the one that counts: some frames are shown to both and compared."""

from sonoedge.session.shadow.disagreement import Disagreement, DisagreementKind
from sonoedge.session.shadow.settings import Shadow
from sonoedge.session.shadow.status import ShadowReason, ShadowState, ShadowStatus

__all__ = [
    "Disagreement",
    "DisagreementKind",
    "Shadow",
    "ShadowReason",
    "ShadowState",
    "ShadowStatus",
]
