"""Two answers to one frame: compared, counted, and told where they differ."""

from __future__ import annotations

import logging

from sonoedge.analysis import Analysed, Analysis
from sonoedge.session.shadow.disagreement import Disagreement, compare
from sonoedge.session.shadow.settings import Shadow
from sonoedge.session.shadow.tally import ShadowTally

log = logging.getLogger("sonoedge.shadow")


class Comparisons:
    """What a candidate's answers are worth. For the candidate's own thread.

    Args:
        settings: how far they may differ, and who is told.
        tally: where each comparison is counted.
    """

    def __init__(self, settings: Shadow, tally: ShadowTally) -> None:
        self._settings = settings
        self._tally = tally

    def take(self, active: Analysed, candidate: Analysis) -> None:
        """Compare the candidate's answer with that of the bundle that counts."""
        disagreement = compare(
            active,
            candidate,
            min_iou=self._settings.min_iou,
            max_suspicion_difference=self._settings.max_suspicion_difference,
        )
        self._tally.compared(active, disagreement)
        if disagreement is not None:
            self._tell(disagreement)

    def _tell(self, disagreement: Disagreement) -> None:
        kinds = ", ".join(kind.value for kind in disagreement.kinds)
        log.info("frame %d: %s", disagreement.frame_id, kinds)
        if self._settings.on_disagreement is None:
            return
        try:
            self._settings.on_disagreement(disagreement)
        except BaseException:  # sys.exit() in a callback ends nothing but the call
            if self._tally.callback_failed() == 1:  # the first tells all; the rest is counted
                log.exception("on_disagreement raised")
