"""One call per frame: guard, preprocess, engine, postprocess, tracker."""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sonoedge.analysis import Analysis, NotAnalysed, Origin, Reason, Region
from sonoedge.closing import Closing
from sonoedge.description import Description, NotDescribed, NotDescribedReason
from sonoedge.errors import EngineFailed, InvalidSettings
from sonoedge.findings import Findings, embedded, no_result
from sonoedge.foreign_error import describe_foreign
from sonoedge.frame_form import FrameForms
from sonoedge.frame_path import FramePath, PathSettings, PythonPath, Refusal
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings, detail
from sonoedge.processing.explanation import explain
from sonoedge.processing.geometry import Geometry
from sonoedge.processing.postprocess import EMBEDDING, PostprocessSpec
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import InPlaceRuntime, Runtime, Tensors
from sonoedge.stream_memory import StreamState

if TYPE_CHECKING:
    from sonoedge.describing import Describer
    from sonoedge.native.path import NativePaths
    from sonoedge.scope.taught import TaughtScopes

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
        scopes: what this device was taught to leave alone, set by `sonoedge.open`; or None.
    """

    def __init__(  # noqa: PLR0913 - all that is around an engine, by name
        self,
        runtime: Runtime,
        *,
        preprocess: PreprocessSpec,
        postprocess: PostprocessSpec,
        guard: GuardSettings,
        origin: Origin,
        tracking: TrackingSettings | None = None,
        describer: Describer | None = None,
        choice: str = "",
        explain: bool = False,
        embed: bool = False,
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
        self._in_place = runtime if isinstance(runtime, InPlaceRuntime) else None
        shape = (1, 1, preprocess.height, preprocess.width)
        tensor = np.empty(shape, np.uint8) if self._in_place is None else self._in_place.input
        self._given = {runtime.inputs[0].name: tensor}
        self._guard = guard
        self._preprocess = Preprocess(preprocess, into=tensor)
        self._forms = FrameForms(guard, self._preprocess)
        self._postprocess = postprocess
        self._settings = PathSettings(
            preprocess=preprocess, postprocess=postprocess, guard=guard, tracking=tracking
        )
        self._native = None if origin.frame_path == "python" else self._native_paths()
        self._paths: dict[Hashable, FramePath] = {}
        self._describer = describer
        self._explain = explain
        self._embed = embed and EMBEDDING in outputs
        self.scopes: TaughtScopes | None = None
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
            outcome = self._stages(frame, self._path(stream), marks)
            if isinstance(outcome, Findings):
                captured_ns = int(frame.captured_ns)
                return outcome.result(
                    frame_id, captured_ns=captured_ns, marks=marks, origin=self.origin
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
        now_ns, origin = self._clock_ns(), self.origin
        return no_result(
            frame_id, frame, marks=marks, now_ns=now_ns, origin=origin, reason=reason, why=why
        )

    def describe(
        self,
        frame: Frame,
        region: Region,
        *,
        examination: Mapping[str, float | None] | None = None,
    ) -> Description:
        """Measure a region of a frame, and put it into words. Never raises.

        It asks no engine, remembers nothing, and is no part of `analyse`: ask it of the regions
        that somebody wants to read about. Any thread may call it, beside an analysis as well.

        Args:
            frame: the frame that was analysed.
            region: one of its regions, as the analysis of this frame gave it.
            examination: values that the bundle has coefficients for, such as `age_years`; one
                that is None, NaN or out of range is not used, and the description says so. They
                are kept nowhere.
        """
        if os.getpid() != self._pid:
            return NotDescribed(
                reason=NotDescribedReason.FORKED, detail="open the bundle in this process"
            )
        if self._closed:
            return NotDescribed(reason=NotDescribedReason.CLOSED)
        if self._describer is None:
            return NotDescribed(
                reason=NotDescribedReason.NO_MEASURES,
                detail="the bundle's recipe has no [measure]",
            )
        return self._describer(frame, region, examination)

    def forget(self, stream: Hashable = None) -> None:
        """Forget what was seen of a stream: its last picture and its tracks."""
        self._paths.pop(stream, None)

    def restore(self, state: StreamState, stream: Hashable = None) -> None:
        """Take up a stream where another analyser of the same settings had come to.

        Raises:
            InvalidSettings: the frame path is native: it cannot take up a state.
        """
        if self._native is not None:
            raise InvalidSettings("a native frame path takes up no state; use frame_path='python'")
        path = self._python_path()
        path.memory.restore(state)
        self._paths[stream] = path

    def _path(self, stream: Hashable) -> FramePath:
        path = self._paths.get(stream)
        if path is None:
            path = self._python_path() if self._native is None else self._native.path()
            self._paths[stream] = path
        return path

    def _python_path(self) -> PythonPath:
        return PythonPath(self._settings, self._preprocess)

    def _native_paths(self) -> NativePaths:
        # ctypes costs time to load: only where it is used.
        from sonoedge.native import FILE
        from sonoedge.native.library import load
        from sonoedge.native.path import NativePaths

        (tensor,) = self._given.values()
        answer = None if self._in_place is None else self._in_place.answer
        return NativePaths(load(FILE), self._settings, self.engine.outputs, tensor, answer)

    def _stages(
        self, frame: Frame, path: FramePath, marks: list[int]
    ) -> Findings | tuple[Reason, str]:
        if self._closed:
            return Reason.CLOSED, ""
        geometry = self._forms.fit(frame)
        if not isinstance(geometry, Geometry):
            marks.append(self._clock_ns())
            return geometry
        reason = path.judge(frame, geometry)
        marks.append(self._clock_ns())
        if reason is not None:
            return reason, detail(reason, frame, self._guard, geometry.roi_px)
        grey = path.fill(frame, geometry)
        marks.append(self._clock_ns())
        tensors = self._ask()
        marks.append(self._clock_ns())
        answer = path.find(frame, geometry, tensors)
        if isinstance(answer, Refusal):
            if answer.reason is Reason.OUT_OF_SCOPE:
                marks.append(self._clock_ns())
            return answer
        taught = None if self.scopes is None else self.scopes.stop(tensors[EMBEDDING][0])
        if taught is not None:
            marks.append(self._clock_ns())
            return Reason.OUT_OF_TAUGHT_SCOPE, f"taught {taught.name}, by {taught.beyond:.2f}"
        explanation = None
        if self._explain and answer.grade is None:
            explanation = explain(tensors, geometry)
        marks.append(self._clock_ns())
        regions, up = path.track(frame, geometry)
        if self._embed and regions:
            regions = embedded(regions, tensors[EMBEDDING][0])
        marks.append(self._clock_ns())
        return Findings(
            regions=regions if answer.grade is None else (),
            class_probs=answer.probs,
            temporal_flag=up,
            explanation=explanation,
            grade=answer.grade,
            grey=grey,
        )

    def _ask(self) -> Tensors:
        """The engine's answer to the input that was filled; of an engine in place, until the next.

        Raises:
            EngineFailed: the engine refused or failed.
        """
        in_place = self._in_place
        if in_place is not None and in_place is self.engine:
            in_place.run()
            tensors = in_place.answer
        else:
            tensors = self.engine.infer(self._given)
        now = getattr(self.engine, "placement", "free")
        if now != self.origin.placement and now == "free":  # its cores were taken away
            self.origin = dataclasses.replace(self.origin, placement="free")
        return tensors

    def close(self) -> None:
        """Give the engine back; closing twice is harmless. Later frames are `NotAnalysed`."""
        self._closed = True
        if os.getpid() == self._pid:  # in a fork the engine's threads are gone: it would hang
            with self._lock:
                self.engine.close()
                if self._describer is not None:
                    self._describer.close()
                if self._lease is not None:
                    self._lease.close()
