"""One stream's frames through the native frame path."""

from __future__ import annotations

import ctypes as c
import dataclasses
import operator
import weakref
from functools import partial
from typing import Any, Final

import numpy as np

from sonoedge.analysis import FrameGrade, GreyLevels, Reason, Region
from sonoedge.frame_path import Answer, PathSettings, Refusal, refused
from sonoedge.frames import Frame
from sonoedge.guard.form import allowed
from sonoedge.native.fields import Pixels, address, image_of, set_frame, settings_of, touching
from sonoedge.native.structs import BYTES, Findings, FrameFields, InputFields, Maps
from sonoedge.processing.geometry import Geometry
from sonoedge.processing.postprocess import frame_probs
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
        tensor: the engine's input, uint8 [1, 1, height, width], which the paths fill; None
            makes one.
        answer: an engine's own outputs, where they always lie in the same place.

    Raises:
        TypeError, ValueError, OverflowError: a setting that C cannot hold.
    """

    def __init__(
        self,
        library: c.CDLL,
        settings: PathSettings,
        outputs: tuple[TensorSpec, ...],
        tensor: Pixels | None = None,
        answer: Tensors | None = None,
    ) -> None:
        preprocess, guard = settings.preprocess, settings.guard
        self.library = library
        self.guard = guard
        self.postprocess = settings.postprocess
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
        if tensor is None:
            tensor = np.empty((1, 1, preprocess.height, preprocess.width), np.uint8)
        self.tensor = tensor
        self.input = InputFields(pixels=address(tensor))
        self.maps = Maps()
        is_read_in_place = answer is not None and all(
            answer[name].flags.c_contiguous for name in self.outputs
        )
        self.answer = answer if is_read_in_place else None
        self.point_to_answer()

    def path(self) -> NativePath:
        """Of a new stream."""
        return NativePath(self)

    def point(self, tensors: Tensors) -> list[Any]:
        """Point C to an engine's answer; the arrays that must live until it has read them.

        Raises:
            TypeError: they are not of the shapes that the engine declared.
        """
        return [self._point(name, tensors[name]) for name in self.outputs]

    def point_to_answer(self) -> None:
        """Point C to the engine's own outputs, where they always lie in the same place."""
        if self.answer is not None:
            self.point(self.answer)

    def _point(self, name: str, values: Any) -> Any:
        if (values.dtype, values.shape) != self.outputs[name]:
            raise TypeError(f"the engine's {name} is not as it declared")
        values = np.ascontiguousarray(values)
        setattr(self.maps, READ[name], address(values))
        return values


class NativePath:
    """One `so_frame_path`, as `sonoedge.frame_path.FramePath`.

    A frame costs four calls, whose arguments are made once: behind an engine's call each further
    line of Python finds cold caches.
    """

    def __init__(self, shared: NativePaths) -> None:
        library = shared.library
        made = library.so_frame_path_make(c.byref(shared.settings), int(shared.tracks))
        if not made:
            raise MemoryError
        self._shared, self._path = shared, c.c_void_p(made)
        weakref.finalize(self, library.so_frame_path_free, self._path).atexit = False
        self._fields, self._findings = FrameFields(), Findings()
        self._image = self._fields.image
        detail, findings = c.create_string_buffer(MAX_TEXT), c.byref(self._findings)
        self._judge = partial(library.so_frame_judge, self._path, c.byref(self._fields), detail)
        self._fill = partial(library.so_frame_fill_into, self._path, c.byref(shared.input))
        maps = c.byref(shared.maps)
        self._find = partial(library.so_frame_find, self._path, maps, 1, findings, detail)
        self._track = partial(library.so_frame_track, self._path, findings)
        self._known: tuple[Any, ...] | None = None  # what `_fields` say of a frame
        self._refused: Reason | None = None  # by the names that they hold
        self._pixels: Pixels | None = None  # what C points to, from `judge` to `fill`

    def judge(self, frame: Frame, geometry: Geometry) -> Reason | None:
        """As `FramePath` says."""
        self._pixels = pixels = touching(frame.pixels)
        spacing = frame.spacing_mm
        known = (geometry, frame.meta, pixels.shape, pixels.strides, spacing, frame.pixel_aspect)
        # A list, or an array, may hold something else by the next frame.
        is_kept = spacing is None or type(spacing) is tuple
        if not (is_kept and self._known is not None and _is_same(known, self._known)):
            self._state(frame, geometry, pixels)
            self._known = known if is_kept else None
        self._image.pixels = address(pixels)
        self._fields.captured_ns = int(frame.stream_ns)
        number = self._judge()
        if number == 0:
            return None
        self._pixels = None
        reason = _reason(number)
        is_ours = reason is Reason.FRAME_INVALID and frame.meta.invalid is None
        return self._refused if is_ours else reason

    def fill(self, frame: Frame, geometry: Geometry) -> GreyLevels:
        """As `FramePath` says."""
        failed = self._fill()
        self._pixels = None
        if failed:
            raise MemoryError
        given = self._shared.input
        return GreyLevels(given.grey_mean, given.grey_deviation)

    def picture(self, pixels: Pixels) -> Pixels:
        """The input of a picture that nobody judges: what `Preprocess` makes of it alone."""
        pixels, given = touching(pixels), BYTES()
        image = image_of(pixels)
        prepare = self._shared.library.so_frame_prepare_picture
        if prepare(self._path, c.byref(image), c.byref(given)) != 0:
            raise MemoryError
        made: Pixels = np.ctypeslib.as_array(given, self._shared.tensor.shape).copy()
        return made

    def find(self, frame: Frame, geometry: Geometry, tensors: Tensors) -> Answer | Refusal:
        """As `FramePath` says.

        Raises:
            TypeError: the engine's answer is not of the shapes that it declared.
        """
        shared, findings = self._shared, self._findings
        if tensors is shared.answer:
            number = self._find()
        else:
            kept = shared.point(tensors)
            number = self._find()
            del kept  # C has read them, and would find other things there by the next frame
            shared.point_to_answer()
        spec = shared.postprocess
        if number != 0:
            _reason(number)
            refusal = refused(spec, tensors, frame_probs(spec, tensors))
            if refusal is None:
                raise TypeError("the engine's answer changed while it was read")
            return refusal
        count, values = len(spec.labels), findings.class_probs
        probs = dict(zip(spec.labels, values[:count], strict=True)) if values else {}
        if not findings.is_graded:
            return Answer(probs, None)
        whole = findings.regions[0]
        return Answer(probs, FrameGrade(suspicion=whole.suspicion, flagged=bool(whole.is_flagged)))

    def track(self, frame: Frame, geometry: Geometry) -> tuple[tuple[Region, ...], bool | None]:
        """As `FramePath` says."""
        findings = self._findings
        if self._track() != 0:
            raise MemoryError
        up = None if findings.temporal_flag < 0 else bool(findings.temporal_flag)
        count = findings.region_count
        labels = self._shared.postprocess.labels
        return tuple([_region(findings.regions[i], labels) for i in range(count)]), up

    def _state(self, frame: Frame, geometry: Geometry, pixels: Pixels) -> None:
        """Fill in what a frame says of itself.

        C is told that a frame whose names stop it is invalid: that stops it at the same place of
        the order.
        """
        guard, meta = self._shared.guard, frame.meta
        self._refused = None
        if not allowed(meta.probe, guard.probes):
            self._refused = Reason.PROBE_NOT_ALLOWED
        elif not allowed(meta.preset, guard.presets):
            self._refused = Reason.PRESET_NOT_ALLOWED
        x0, y0, x1, y1 = map(operator.index, geometry.roi_px)
        is_invalid = self._refused is not None or meta.invalid is not None
        set_frame(self._fields, frame, pixels, (x0, y0, x1, y1), "invalid" if is_invalid else None)


def _is_same(now: tuple[Any, ...], known: tuple[Any, ...]) -> bool:
    """Whether C knows already what a frame says of itself."""
    return now[0] is known[0] and now[1] is known[1] and now[2:] == known[2:]


def _reason(number: int) -> Reason:
    reason = _REASON_OF[number]
    if reason is Reason.INTERNAL_ERROR:  # the only cause that it has
        raise MemoryError
    return reason


def _region(fields: Any, labels: tuple[str, ...]) -> Region:
    contour = np.empty((fields.points, 2), np.int32)
    c.memmove(address(contour), fields.contour, contour.nbytes)
    has_mm, track_id, probs = fields.has_mm, fields.track_id, fields.class_probs
    x0, y0, x1, y1 = fields.box
    return Region(
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
