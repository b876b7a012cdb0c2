"""Does the library give Python's answers here? Asked whenever a bundle is opened."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sonoedge.analysis import Region
from sonoedge.bundle.golden import GoldenAnswer
from sonoedge.frame_path import PathSettings, PythonPath, Refusal
from sonoedge.frames import Frame
from sonoedge.guard import form
from sonoedge.native.path import NativePath
from sonoedge.processing.preprocess import Pixels, Preprocess

PACE_NS = 33_000_000


def answers_alike(
    native: NativePath,
    settings: PathSettings,
    pictures: Sequence[Pixels],
    answers: Sequence[GoldenAnswer],
) -> bool:
    """Whether both paths judge golden frames alike, and give the same inputs, regions and tracks.

    To the last bit: compilers that reorder floats, or fuse a product with a sum, are found out.

    Args:
        native: of a new stream, made with these very settings.
        pictures: golden frames, uint8, (H, W) or (H, W, 3).
        answers: an engine's, one per frame; no engine is asked.
    """
    reference = Preprocess(settings.preprocess)
    python = PythonPath(settings, reference)
    for n, (pixels, answer) in enumerate(zip(pictures, answers, strict=True)):
        frame, outputs = Frame(pixels=pixels, captured_ns=n * PACE_NS), answer.outputs
        if form(frame, settings.guard) is not None:
            continue  # neither would be asked
        tensor, geometry = reference(pixels)
        reason = python.judge(frame, geometry)
        if native.judge(frame, geometry) != reason:
            return False
        if reason is None and native.fill(frame, geometry) != python.fill(frame, geometry):
            return False
        if not np.array_equal(native.picture(pixels), tensor):
            return False
        given, wanted = (path.find(frame, geometry, outputs) for path in (native, python))
        if given != wanted:
            return False
        if isinstance(wanted, Refusal):
            continue
        (here, up), (there, up_there) = (p.track(frame, geometry) for p in (native, python))
        if up != up_there or list(map(_values, here)) != list(map(_values, there)):
            return False
    return True


def _values(region: Region) -> tuple[object, ...]:
    return (
        region.contour_px.tolist(),
        region.box_px,
        region.area_px,
        region.suspicion,
        dict(region.class_probs),
        region.flagged,
        region.track_id,
        region.track_flagged,
    )
