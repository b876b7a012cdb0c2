"""What Python's frame path answers to the scenes, as plain values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from conformance.scenes import Scene
from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed, Region
from sonoedge.frames import Frame, FrameMeta
from sonoedge.runtime import Runtime, Tensors, TensorSpec

_OF_META = ("probe", "preset", "depth_mm", "gain_db", "frozen", "invalid")


class Listening:
    """A runtime that keeps what it was last asked and answered.

    Args:
        stored: answers to give in the engine's place, one for each call; None asks the engine.
    """

    def __init__(self, runtime: Runtime, stored: Iterator[Tensors] | None = None) -> None:
        self._runtime, self._stored = runtime, stored
        self.asked: Tensors | None = None
        self.answered: Tensors | None = None

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        return self._runtime.inputs

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        return self._runtime.outputs

    def infer(self, tensors: Tensors) -> Tensors:
        answer = self._runtime.infer(tensors) if self._stored is None else next(self._stored)
        self.asked = {name: value.copy() for name, value in tensors.items()}
        self.answered = {name: value.copy() for name, value in answer.items()}
        return answer

    def close(self) -> None:
        self._runtime.close()


def frame_of(scene: Scene) -> Frame:
    """The frame that a host would make: a fourth channel is dropped before."""
    values = dict(scene.values)
    meta = FrameMeta(**{name: values.pop(name) for name in _OF_META if name in values})
    pixels = np.ascontiguousarray(scene.pixels[..., :3] if scene.pixels.ndim == 3 else scene.pixels)
    return Frame(pixels=pixels, captured_ns=scene.captured_ns, meta=meta, **values)


def answers(
    analyser: Analyser, scenes: Iterable[Scene], stored: Iterator[Tensors] | None = None
) -> Iterator[tuple[dict[str, Any], Tensors | None]]:
    """Each scene's answer, numbers as hexadecimal, and the engine's outputs if it was asked."""
    engine = analyser.engine = Listening(analyser.engine, stored)
    for scene in scenes:
        engine.asked = engine.answered = None
        analysis = analyser.analyse(frame_of(scene))
        answer: dict[str, Any] = {
            "name": scene.name,
            "pixels": _digest(scene.pixels),
            "input": None if engine.asked is None else _digest(*engine.asked.values()),
        }
        if isinstance(analysis, Analysed):
            flag = analysis.temporal_flag
            answer["temporal_flag"] = -1 if flag is None else int(flag)
            answer["class_probs"] = [p.hex() for p in analysis.class_probs.values()]
            answer["regions"] = [_region(region) for region in analysis.regions]
        else:
            answer["reason"] = analysis.reasons[0].value
            answer["detail"] = analysis.detail
        yield answer, engine.answered


def _digest(*arrays: np.ndarray[Any, Any]) -> str:
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def _region(region: Region) -> dict[str, Any]:
    sizes = None
    if region.area_mm2 is not None and region.box_mm is not None:
        sizes = [value.hex() for value in (region.area_mm2, *region.box_mm)]
    return {
        "box": list(region.box_px),
        "area": region.area_px.hex(),
        "mm": sizes,
        "suspicion": region.suspicion.hex(),
        "class_probs": [p.hex() for p in region.class_probs.values()],
        "flagged": int(region.flagged),
        "track": -1 if region.track_id is None else region.track_id,
        "track_flagged": int(region.track_flagged),
        "contour": region.contour_px.ravel().tolist(),
    }
