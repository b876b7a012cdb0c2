"""One call per frame: guard, preprocess, engine, postprocess, tracker."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Hashable
from typing import NamedTuple

from sonoedge.analysis import (
    Analysed,
    Analysis,
    Explanation,
    FrameGrade,
    GreyLevels,
    NotAnalysed,
    Origin,
    Reason,
    Region,
)
from sonoedge.closing import Closing
from sonoedge.errors import EngineFailed, InvalidSettings
from sonoedge.foreign_error import describe_foreign
from sonoedge.frame_values import capture_time, value_fault
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings, detail, form
from sonoedge.processing.classification import as_region, frame_grade
from sonoedge.processing.explanation import explain
from sonoedge.processing.geometry import pixel_aspect
from sonoedge.processing.grey import grey_levels
from sonoedge.processing.postprocess import (
    PostprocessSpec,
    frame_probs,
    is_finite,
    out_of_scope,
    regions,
)
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import Runtime
from sonoedge.stream_memory import StreamMemory, StreamState, scene

Clock = Callable[[], int]


class Analyser(Closing):
    """An engine with everything around it; made by `sonoedge.open`.

    Any thread may call it; calls take turns at the engine. What it remembers from frame to
    frame (the last picture, the tracks) is kept per stream, so that several can share one
    engine. It belongs to the process that opened it: in a fork each frame is `NotAnalysed`
    with `FORKED`.

    Attributes:
        origin: which engine of which bundle speaks.
        choice: one sentence: which variant was taken, and why.
        labels: the classes' names.
        threshold: suspicion from which a region is flagged.
        localises: the network says where; False where it classifies alone, so that no
            result ever holds a region.
        engine: the loaded engine, for whoever measures it bare.
    """

    def __init__(
        self,
        runtime: Runtime,
        *,
        preprocess: PreprocessSpec,
        postprocess: PostprocessSpec,
        guard: GuardSettings,
        origin: Origin,
        tracking: TrackingSettings | None = None,
        choice: str = "",
        explain: bool = False,
        lease: Closing | None = None,
        clock_ns: Clock = time.monotonic_ns,
    ) -> None:
        self.origin = origin
        self.choice = choice
        self.labels = postprocess.labels
        self.threshold = postprocess.flag_threshold
        self.engine = runtime
        self._lease = lease
        outputs = {spec.name for spec in runtime.outputs}
        self.localises = "lesion_map" in outputs
        if not self.localises and "class_probs" not in outputs:
            raise InvalidSettings("the engine gives neither lesion_map nor class_probs")
        self._input = runtime.inputs[0].name
        self._guard = guard
        self._tracking = tracking
        self._memories: dict[Hashable, StreamMemory] = {}
        self._preprocess = Preprocess(preprocess)
        self._postprocess = postprocess
        self._explain = explain
        self._clock_ns = clock_ns
        self._count = 0
        self._closed = self._analysing = False
        self._lock = threading.RLock()
        self._pid = os.getpid()

    def analyse(self, frame: Frame, *, stream: Hashable = None) -> Analysis:
        """Analyse one frame. Never raises: what goes wrong is a `NotAnalysed`.

        Args:
            frame: taken as it comes; a frame that a fork or a call within a call brings has
                the id -1.
            stream: which of several streams it belongs to; each has its own memory.
        """
        if os.getpid() != self._pid:
            return self._not_analysed(
                -1, frame, [self._clock_ns()], Reason.FORKED, "open the bundle in this process"
            )
        with self._lock:  # an engine answers one call at a time: a second thread waits its turn
            if self._analysing:
                why = "analyse was called from within a call of its own, as by a signal handler"
                now_ns = self._clock_ns()
                return self._not_analysed(-1, frame, [now_ns], Reason.INTERNAL_ERROR, why)
            self._analysing = True
            try:
                return self._analyse(frame, stream)
            finally:
                self._analysing = False

    def _analyse(self, frame: Frame, stream: Hashable) -> Analysis:
        marks = [self._clock_ns()]
        frame_id, self._count = self._count, self._count + 1
        try:
            outcome = self._stages(frame, self._memory(stream), marks)
            if isinstance(outcome, _Findings):
                captured_ns = int(frame.captured_ns)
                return Analysed(
                    frame_id=frame_id,
                    regions=outcome.regions,
                    class_probs=outcome.class_probs,
                    temporal_flag=outcome.temporal_flag,
                    explanation=outcome.explanation,
                    grade=outcome.grade,
                    grey=outcome.grey,
                    captured_ns=captured_ns,
                    age_ms=(marks[-1] - captured_ns) / 1e6,
                    stages_ms=_stages_ms(marks),
                    origin=self.origin,
                )
            reason, why = outcome
        except EngineFailed as error:
            reason, why = Reason.ENGINE_FAILED, str(error)
        except Exception as error:  # noqa: BLE001 - the promise: a frame never raises
            reason, why = Reason.INTERNAL_ERROR, describe_foreign(error)
        return self._not_analysed(frame_id, frame, marks, reason, why)

    def _not_analysed(
        self, frame_id: int, frame: object, marks: list[int], reason: Reason, why: str
    ) -> NotAnalysed:
        captured_ns = capture_time(frame)
        if captured_ns is None:
            captured_ns = marks[0]
        return NotAnalysed(
            frame_id=frame_id,
            captured_ns=captured_ns,
            age_ms=(self._clock_ns() - captured_ns) / 1e6,
            stages_ms=_stages_ms(marks),
            origin=self.origin,
            reasons=(reason,),
            detail=why,
        )

    def forget(self, stream: Hashable = None) -> None:
        """Forget what was seen of a stream: its last picture and its tracks."""
        self._memories.pop(stream, None)

    def restore(self, state: StreamState, stream: Hashable = None) -> None:
        """Take up a stream where another analyser of the same settings had come to."""
        self.forget(stream)
        self._memory(stream).restore(state)

    def _memory(self, stream: Hashable) -> StreamMemory:
        memory = self._memories.get(stream)
        if memory is None:
            memory = StreamMemory(self._guard, self._tracking, self.threshold)
            self._memories[stream] = memory
        return memory

    def _stages(
        self, frame: Frame, memory: StreamMemory, marks: list[int]
    ) -> _Findings | tuple[Reason, str]:
        if self._closed:
            return Reason.CLOSED, ""
        fault = value_fault(frame)
        if fault is not None:
            return fault
        box = None
        reason = form(frame, self._guard)
        if reason is None:
            height, width = frame.pixels.shape[:2]
            aspect = pixel_aspect(frame.spacing_mm, frame.pixel_aspect)
            try:
                geometry = self._preprocess.geometry(height, width, frame.roi_px, aspect)
            except InvalidSettings:
                reason = Reason.EMPTY
            else:
                box = geometry.roi_px
                reason = memory.guard.content(frame, box)
        marks.append(self._clock_ns())
        if reason is not None:
            if reason is Reason.FRAME_FROZEN and memory.tracker is not None:
                memory.tracker.reset()
            return reason, detail(reason, frame, self._guard, box)
        tensor = self._preprocess.fill(frame.pixels, geometry)
        marks.append(self._clock_ns())
        tensors = self.engine.infer({self._input: tensor})
        marks.append(self._clock_ns())
        probs = frame_probs(self._postprocess, tensors)
        if not is_finite(tensors, probs):
            return Reason.ENGINE_OUTPUT_INVALID, ""
        scope_probability = out_of_scope(self._postprocess, probs)
        if scope_probability is not None:
            marks.append(self._clock_ns())
            return Reason.OUT_OF_SCOPE, f"{self._postprocess.out_of_scope} {scope_probability:.2f}"
        grade = frame_grade(self._postprocess, tensors, probs)
        explanation = None
        if grade is None:
            frame_regions = regions(
                self._postprocess,
                tensors,
                geometry,
                source_hw=(height, width),
                spacing_mm=frame.spacing_mm,
                probs=probs,
            )
            if self._explain:
                explanation = explain(tensors, geometry)
        else:
            frame_regions = (as_region(grade, geometry.roi_px),)
        marks.append(self._clock_ns())
        up = None
        if memory.tracker is not None:
            key = scene(frame, geometry.roi_px, aspect)
            frame_regions, up = memory.tracker.update(frame_regions, frame.stream_ns, key)
        marks.append(self._clock_ns())
        return _Findings(
            regions=frame_regions if grade is None else (),
            class_probs=probs,
            temporal_flag=up,
            explanation=explanation,
            grade=grade,
            grey=grey_levels(tensor),
        )

    def close(self) -> None:
        """Give the engine back; closing twice is harmless. Later frames are `NotAnalysed`."""
        self._closed = True
        if os.getpid() == self._pid:  # in a fork the engine's threads are gone: it would hang
            with self._lock:
                self.engine.close()
                if self._lease is not None:
                    self._lease.close()


class _Findings(NamedTuple):
    """What the stages made of one frame; a tuple, as one is made for every frame."""

    regions: tuple[Region, ...]
    class_probs: dict[str, float]
    temporal_flag: bool | None
    explanation: Explanation | None
    grade: FrameGrade | None
    grey: GreyLevels


STAGES = ("guard", "preprocess", "engine", "postprocess", "tracker")


def _stages_ms(marks: list[int]) -> dict[str, float]:
    return {STAGES[i]: (marks[i + 1] - marks[i]) / 1e6 for i in range(len(marks) - 1)}
