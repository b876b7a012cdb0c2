"""One stream's frames through the native frame path."""

from __future__ import annotations

import ctypes as c
import dataclasses
import operator
import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from sonoedge.analysis import FrameGrade, Reason, Region
from sonoedge.frame_path import PathSettings
from sonoedge.frames import Frame
from sonoedge.guard.form import allowed
from sonoedge.native.fields import Pixels, image_of, set_frame, settings_of, touching
from sonoedge.native.structs import BYTES, Findings, FrameFields, Maps
from sonoedge.processing.geometry import Geometry
from sonoedge.reason_numbers import REASONS
from sonoedge.runtime import Tensors, TensorSpec

READ: Final = {
    "lesion_map": "lesion",
    "malignancy_map": "malignancy",
    "class_probs": "class_probs",
    "finite": "finite",
}
MAX_TEXT: Final = 256  # SONOEDGE_MAX_TEXT
_REASON_OF: Final = {number: reason for reason, number in REASONS.items()}


class NativePaths:
    """What the paths of one analyser's streams share.

    Args:
        library: as `sonoedge.native.library.load` gives it.
        outputs: the engine's; settings and outputs are those that `not_covered` lets pass.

    Raises:
        TypeError, ValueError, OverflowError: a setting that C cannot hold.
    """

    def __init__(
        self, library: c.CDLL, settings: PathSettings, outputs: tuple[TensorSpec, ...]
    ) -> None:
        preprocess, guard = settings.preprocess, settings.guard
        self.library = library
        self.guard = guard
        self.labels = settings.postprocess.labels
        self.tracks = settings.tracking is not None
        self.outputs = {
            spec.name: (np.dtype(spec.dtype), spec.shape) for spec in outputs if spec.name in READ
        }
        self.settings = settings_of(
            preprocess=preprocess,
            postprocess=settings.postprocess,
            # Names are compared here: C's letters without case are those of ASCII.
            guard=dataclasses.replace(guard, probes=None, presets=None),
            outputs={name: shape for name, (_, shape) in self.outputs.items()},
            tracking=settings.tracking,
        )
        # Python's own: an engine may keep its input for longer than C keeps its.
        self.input: Pixels = np.zeros((1, 1, preprocess.height, preprocess.width), np.uint8)
        self.input_at: int = self.input.ctypes.data

    def path(self) -> NativePath:
        """Of a new stream."""
        return NativePath(self)


class NativePath:
    """One `so_frame_path`, as `sonoedge.frame_path.FramePath`."""

    def __init__(self, shared: NativePaths) -> None:
        self._shared, self._library = shared, shared.library
        made = self._library.so_frame_path_make(c.byref(shared.settings), int(shared.tracks))
        if not made:
            raise MemoryError
        self._path = c.c_void_p(made)
        weakref.finalize(self, self._library.so_frame_path_free, self._path).atexit = False
        self._detail = c.create_string_buffer(MAX_TEXT)
        self._fields, self._maps, self._findings = FrameFields(), Maps(), Findings()
        self._pixels: Pixels | None = None  # what C points to, from `judge` to `fill`

    def judge(self, frame: Frame, geometry: Geometry) -> Reason | None:
        """As `FramePath` says."""
        refused = self._refused(frame)
        self._pixels = touching(frame.pixels)
        x0, y0, x1, y1 = map(operator.index, geometry.roi_px)
        is_invalid = refused is not None or frame.meta.invalid is not None
        set_frame(
            self._fields, frame, self._pixels, (x0, y0, x1, y1), "invalid" if is_invalid else None
        )
        number = self._library.so_frame_judge(self._path, c.byref(self._fields), self._detail)
        if number == 0:
            return None
        self._pixels = None
        reason = self._reason(number)
        return refused if reason is Reason.FRAME_INVALID and frame.meta.invalid is None else reason

    def fill(self, frame: Frame, geometry: Geometry) -> Pixels:
        """As `FramePath` says; the array is the analyser's, not C's."""
        at = self._library.so_frame_fill(self._path)
        self._pixels = None
        return self._input(at)

    def picture(self, pixels: Pixels) -> Pixels:
        """The input of a picture that nobody judges: what `Preprocess` makes of it alone."""
        pixels, given = touching(pixels), BYTES()
        image = image_of(pixels)
        self._library.so_frame_prepare_picture(self._path, c.byref(image), c.byref(given))
        return self._input(c.cast(given, c.c_void_p).value)

    def find(
        self,
        frame: Frame,
        geometry: Geometry,
        tensors: Tensors,
        probs: Mapping[str, float],
        grade: FrameGrade | None,
    ) -> None:
        """As `FramePath` says.

        Raises:
            TypeError: the engine's answer is not of the shapes that it declared.
        """
        kept = [self._map(name, tensors[name]) for name in self._shared.outputs]
        number = self._library.so_frame_find(
            self._path, c.byref(self._maps), 0, c.byref(self._findings), self._detail
        )
        del kept  # C has read them
        if number != 0:
            self._reason(number)

    def track(self, frame: Frame, geometry: Geometry) -> tuple[tuple[Region, ...], bool | None]:
        """As `FramePath` says."""
        findings = self._findings
        if self._library.so_frame_track(self._path, c.byref(findings)) != 0:
            raise MemoryError
        up = None if findings.temporal_flag < 0 else bool(findings.temporal_flag)
        return tuple(self._regions(findings)), up

    def _refused(self, frame: Frame) -> Reason | None:
        """Why a frame's own names stop it.

        C is told that such a frame is invalid, which stops it at the same place of the order.
        """
        guard, meta = self._shared.guard, frame.meta
        if not allowed(meta.probe, guard.probes):
            return Reason.PROBE_NOT_ALLOWED
        return None if allowed(meta.preset, guard.presets) else Reason.PRESET_NOT_ALLOWED

    def _reason(self, number: int) -> Reason:
        reason = _REASON_OF[number]
        if reason is Reason.INTERNAL_ERROR:  # the only cause that it has
            raise MemoryError
        return reason

    def _input(self, at: int | None) -> Pixels:
        if not at:
            raise MemoryError
        c.memmove(self._shared.input_at, at, self._shared.input.nbytes)
        return self._shared.input

    def _map(self, name: str, values: Any) -> Any:
        """Point C to a tensor; the array that must live until it has read it."""
        if (values.dtype, values.shape) != self._shared.outputs[name]:
            raise TypeError(f"the engine's {name} is not as it declared")
        values = np.ascontiguousarray(values)
        setattr(self._maps, READ[name], values.ctypes.data)
        return values

    def _regions(self, findings: Any) -> Iterator[Region]:
        for fields in findings.regions[: findings.region_count]:
            contour = np.empty((fields.points, 2), np.int32)
            c.memmove(contour.ctypes.data, fields.contour, contour.nbytes)
            has_mm, track_id = fields.has_mm, fields.track_id
            probs = fields.class_probs
            labels = self._shared.labels
            x0, y0, x1, y1 = fields.box
            yield Region(
                contour_px=contour,
                box_px=(x0, y0, x1, y1),
                area_px=fields.area_px,
                area_mm2=fields.area_mm2 if has_mm else None,
                box_mm=(fields.width_mm, fields.height_mm) if has_mm else None,
                suspicion=fields.suspicion,
                class_probs=dict(zip(labels, probs[: len(labels)], strict=True)) if probs else {},
                flagged=bool(fields.is_flagged),
                track_id=None if track_id < 0 else track_id,
                track_flagged=bool(fields.is_track_flagged),
            )
