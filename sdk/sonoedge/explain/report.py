"""One frame explained: the map, whether it may be drawn, and the picture that shows it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed
from sonoedge.bundle import Bundle
from sonoedge.explain.deletion import Deletion, delete
from sonoedge.explain.methods import METHODS, Map
from sonoedge.explain.question import Question
from sonoedge.explain.target import target_of
from sonoedge.frames import Frame
from sonoedge.outputs.overlay.regions import draw_regions
from sonoedge.outputs.overlay.style import FLAGGED, Picture
from sonoedge.outputs.remedies import nothing_analysed
from sonoedge.processing.preprocess import Preprocess

SCHEMA: Final = "sonoedge-explanation-1"
STRONGEST: Final = 0.6  # share of the tint where the map is highest: tissue still shows through
WIDEST_PX: Final = 720

Method = Literal["occlusion", "lime"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explained:
    """What a method found for one frame.

    Attributes:
        result: the analysis that is explained.
        made: the map, whether it is drawn or not.
        box_px: (x0, y0, x1, y1) in source pixels that the map covers; x1, y1 exclusive.
        suspicion: that is followed: of the most suspicious region, or of the frame.
        calls: engine calls, 256 at most.
    """

    frame: Frame
    result: Analysed
    method: Method
    made: Map
    deletion: Deletion
    box_px: tuple[int, int, int, int]
    suspicion: float
    calls: int

    def sentence(self) -> str:
        """Whether the map is drawn, and by which figures."""
        figure, chance, needed = self.deletion.texts()
        figures = (
            f"blurring what it calls important lowers the suspicion by {figure}, chance by "
            f"{chance}; {needed} is needed"
        )
        return f"map drawn: {figures}" if self.deletion.drawn else f"no map is drawn: {figures}"

    def levels(self) -> npt.NDArray[np.float64]:
        """The map, [h, w] of the network's picture: 0 to 1, its highest weight being 1."""
        weights = np.clip(self.made.weights, 0, None)
        scaled: npt.NDArray[np.float64] = (weights / max(1e-12, weights.max()))[self.made.segments]
        return scaled

    def plain(self) -> dict[str, Any]:
        """As JSON holds it. The map is left out where it is not drawn."""
        data: dict[str, Any] = {
            "schema": SCHEMA,
            "bundle_id": self.result.origin.bundle_id,
            "variant": self.result.origin.variant,
            "method": self.method,
            "suspicion": round(self.suspicion, 6),
            "flagged": self.result.flagged,
            "deletion": {**dataclasses.asdict(self.deletion), "needed": self.deletion.needed},
            "drawn": self.deletion.drawn,
            "stability": self.made.stability,
            "engine_calls": self.calls,
            "box_px": list(self.box_px),
            "map": None,
        }
        if self.deletion.drawn:
            data["map"] = self._grid()
        return data

    def picture(self) -> Picture:
        """The frame with its regions, tinted where the map may be drawn: uint8 (H, W, 3)."""
        pixels = self.frame.pixels
        colour = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR) if pixels.ndim == 2 else pixels.copy()
        picture = np.asarray(colour, dtype=np.uint8)
        if self.deletion.drawn:
            x0, y0, x1, y1 = self.box_px
            levels = cv2.resize(self.levels(), (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
            share = (levels * STRONGEST)[..., None]
            part = picture[y0:y1, x0:x1]
            part[:] = np.rint(part * (1 - share) + np.array(FLAGGED) * share)
        scale = min(4.0, max(1.0, WIDEST_PX / picture.shape[1]))
        size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
        large = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        draw_regions(large, self.result.regions, (size[0] / picture.shape[1],) * 2)
        return large

    def _grid(self) -> list[list[float]]:
        segments = self.made.segments
        rows = [row for row in segments[:, 0].tolist() if row >= 0]
        starts = list(dict.fromkeys(rows))
        columns = int(segments[0].max()) + 1
        weights = self.made.weights
        return [[round(float(w), 6) for w in weights[s : s + columns]] for s in starts]


def explain(
    bundle: Bundle,
    analyser: Analyser,
    frame: Frame,
    method: Method,
    progress: Callable[[int], None] = lambda calls: None,
) -> Explained:
    """Explain one frame by the analyser's own engine.

    Args:
        analyser: of this bundle, opened without tracking.
        progress: called with the number of engine calls made.

    Raises:
        NothingAnalysed: the frame is not analysed; the message says why.
        InvalidData: no region was found.
        EngineFailed: the engine failed.
    """
    result = analyser.analyse(frame)
    if not isinstance(result, Analysed):
        raise nothing_analysed(1, {reason.value: 1 for reason in result.reasons})
    tensor, geometry = Preprocess(bundle.manifest.preprocess).frame(frame)
    answer = analyser.engine.infer({analyser.engine.inputs[0].name: tensor})
    target = target_of(bundle.manifest.postprocess, answer, geometry)
    question = Question(analyser.engine, tensor, geometry.placed_px, target, progress)
    made = METHODS[method](question)
    return Explained(
        frame=frame,
        result=result,
        method=method,
        made=made,
        deletion=delete(question, made.segments, made.weights),
        box_px=geometry.roi_px,
        suspicion=question.base,
        calls=question.calls,
    )
