"""What the engine's side remembered of each stream just before the oldest frame that is held.

It is never asked for it: the same memory is led along here, by the frames and the engine's
answers as they leave the ring. A clip thus begins with the state that its first frame met.
"""

from __future__ import annotations

from collections.abc import Mapping

from sonoedge.analysis import Analysed, Analysis, Reason
from sonoedge.errors import InvalidSettings
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.processing.classification import as_region
from sonoedge.processing.geometry import pixel_aspect
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge.processing.tracker_state import Box
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.recording.moment import Moment
from sonoedge.stream_memory import StreamMemory, StreamState, scene


class Mirror:
    """The memories of all streams.

    Args:
        preprocess, guard, tracking, threshold: as the session's analyser has them.

    Attributes:
        engine: which of the session's engines the memories are of.
        out_of_step: answers that another memory than this one gave, as after pictures were
            lost; 0 where all is well.
    """

    def __init__(
        self,
        *,
        preprocess: PreprocessSpec,
        guard: GuardSettings,
        tracking: TrackingSettings | None,
        threshold: float,
    ) -> None:
        self._preprocess = Preprocess(preprocess)
        self._guard, self._tracking, self._threshold = guard, tracking, threshold
        self._memories: dict[str, StreamMemory] = {}
        self.engine = 0
        self.out_of_step = 0

    def follow(self, moment: Moment) -> None:
        """Go past a frame."""
        self.out_of_step += moment.gap
        answer, frame = moment.answer, moment.frame
        if answer is None or frame is None:
            return  # no engine saw it; or one did and is gone, with all that it remembered
        if moment.engine != self.engine:
            self._memories.clear()  # another engine remembers nothing
            self.engine = moment.engine
        memory = self._memories.get(moment.stream)
        if memory is None:
            memory = StreamMemory(self._guard, self._tracking, self._threshold)
            self._memories[moment.stream] = memory
        height, width = frame.pixels.shape[:2]
        aspect = pixel_aspect(frame.spacing_mm, frame.pixel_aspect)
        try:
            box = self._preprocess.geometry(height, width, frame.roi_px, aspect).roi_px
        except InvalidSettings:
            return  # EMPTY: the guard has seen nothing
        self._look(memory, moment, frame, answer, box)
        tracker = memory.tracker
        if tracker is None:
            return
        if isinstance(answer, Analysed):
            grade = answer.grade
            regions = answer.regions if grade is None else (as_region(grade, box),)
            key = scene(frame, box, aspect)
            tracked, up = tracker.update(regions, moment.captured_ns, key)
            same_tracks = grade is not None or [r.track_id for r in tracked] == [
                r.track_id for r in answer.regions
            ]
            self.out_of_step += not (same_tracks and up == answer.temporal_flag)
        elif answer.reasons[0] is Reason.FRAME_FROZEN:
            tracker.reset()

    def states(self) -> Mapping[str, StreamState]:
        """As they are now, by stream."""
        return {stream: memory.state() for stream, memory in self._memories.items()}

    def _look(
        self, memory: StreamMemory, moment: Moment, frame: Frame, answer: Analysis, box: Box
    ) -> None:
        """Show the guard's memory the picture."""
        frozen = memory.guard.frozen
        if frozen is None:
            return
        if moment.lost:  # the next picture counts as another one
            frozen.reset()
            return
        x0, y0, x1, y1 = box
        is_frozen = frozen(frame.pixels[y0:y1, x0:x1], moment.captured_ns)
        if isinstance(answer, Analysed):
            self.out_of_step += is_frozen
        elif answer.reasons[0] is Reason.FRAME_FROZEN:
            self.out_of_step += not (is_frozen or frame.meta.frozen)
