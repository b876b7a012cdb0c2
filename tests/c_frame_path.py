"""The C library's frame path as C's callers have it, with calls that Python's path leaves out.

`sonoedge.native.path` is what runs; this is for tests of the C code itself, of its checks of a
frame's form and of what it says beside a reason.
"""

from __future__ import annotations

import ctypes as c
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sonoedge.analysis import Reason
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.native.fields import Pixels, frame_of, image_of, maps_of, settings_of
from sonoedge.native.structs import BYTES, Findings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.reason_numbers import REASONS
from sonoedge.runtime import Tensors

REASON_OF: Final = {number: reason for reason, number in REASONS.items()}
MAX_TEXT: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NativeAnswer:
    """What the native path made of one frame; findings are those of `Analysed`, as plain values.

    Attributes:
        reason: None where it was analysed.
        input: the network's input, where it came so far.
    """

    reason: Reason | None
    detail: str
    input: Pixels | None
    regions: list[dict[str, Any]]
    class_probs: list[float]
    is_graded: bool
    temporal_flag: bool | None


class NativePath:
    """One `so_frame_path`.

    Args:
        outputs: the network's outputs, by name, with their shapes.
        tracking: None where nothing tracks.
    """

    def __init__(
        self,
        library: c.CDLL,
        *,
        preprocess: PreprocessSpec,
        postprocess: PostprocessSpec,
        guard: GuardSettings,
        outputs: dict[str, Sequence[int]],
        tracking: TrackingSettings | None = None,
    ) -> None:
        self._library = library
        self._settings = settings_of(
            preprocess=preprocess,
            postprocess=postprocess,
            guard=guard,
            outputs=outputs,
            tracking=tracking,
        )
        self._labels = len(postprocess.labels)
        self._input_hw = (preprocess.height, preprocess.width)
        library.so_frame_path_make.restype = c.c_void_p
        made = library.so_frame_path_make(c.byref(self._settings), int(tracking is not None))
        self._path = c.c_void_p(made)

    def close(self) -> None:
        self._library.so_frame_path_free(self._path)

    def reset(self) -> None:
        self._library.so_frame_reset(self._path)

    def picture(self, pixels: Pixels) -> Pixels | None:
        """The input of a picture that nobody judges; None where its region is empty."""
        pointer = BYTES()
        image = image_of(pixels)
        done = self._library.so_frame_prepare_picture(self._path, c.byref(image), c.byref(pointer))
        return None if done else self._input(pointer)

    def prepare(self, fields: Any) -> tuple[Reason | None, str, Pixels | None]:
        pointer, detail = BYTES(), c.create_string_buffer(MAX_TEXT)
        number = self._library.so_frame_prepare(
            self._path, c.byref(fields), c.byref(pointer), detail
        )
        given = self._input(pointer) if pointer else None
        return REASON_OF.get(number), detail.value.decode(), given

    def analyse(self, frame: Frame, maps: Tensors) -> NativeAnswer:
        """Judge a frame, and find and follow what the maps say of it."""
        reason, detail, given = self.prepare(frame_of(frame))
        findings = Findings()
        if reason is None:
            reason, detail = self.find(maps, findings)
        if reason is None:
            assert self.track(findings) == 0
        return NativeAnswer(
            reason=reason,
            detail=detail,
            input=given,
            regions=[]
            if reason
            else [self._region(findings.regions[i]) for i in range(findings.region_count)],
            class_probs=[] if reason else self._probs(findings.class_probs),
            is_graded=bool(findings.is_graded),
            temporal_flag=None if findings.temporal_flag < 0 else bool(findings.temporal_flag),
        )

    def find(self, maps: Tensors, findings: Any, *, checks: bool = True) -> tuple[Any, str]:
        detail, fields = c.create_string_buffer(MAX_TEXT), maps_of(maps)
        number = self._library.so_frame_find(
            self._path, c.byref(fields), int(checks), c.byref(findings), detail
        )
        return REASON_OF.get(number), detail.value.decode()

    def track(self, findings: Any) -> int:
        """0, or -1 without memory."""
        done: int = self._library.so_frame_track(self._path, c.byref(findings))
        return done

    def _input(self, pointer: Any) -> Pixels:
        return np.ctypeslib.as_array(pointer, self._input_hw).copy()

    def _probs(self, pointer: Any) -> list[float]:
        return list(pointer[: self._labels]) if pointer else []

    def _region(self, fields: Any) -> dict[str, Any]:
        return {
            "contour_px": np.ctypeslib.as_array(fields.contour, (fields.points, 2)).tolist(),
            "box_px": tuple(fields.box),
            "area_px": fields.area_px,
            "area_mm2": fields.area_mm2 if fields.has_mm else None,
            "box_mm": (fields.width_mm, fields.height_mm) if fields.has_mm else None,
            "suspicion": fields.suspicion,
            "class_probs": self._probs(fields.class_probs),
            "flagged": bool(fields.is_flagged),
            "track_id": None if fields.track_id < 0 else fields.track_id,
            "track_flagged": bool(fields.is_track_flagged),
        }
