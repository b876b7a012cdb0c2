"""The native library's public calls, by ctypes: sonoedge.h as Python values."""

from __future__ import annotations

import ctypes as c
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np

from c_build import build, library_sources

NO_DEVICE_POLICY: Final = '-DSONOEDGE_POLICY_FILE="/no/such/trust.json"'
OK, ARGUMENT, NOTHING_NEW = 0, 1, 6
BUNDLE, ENGINE, WRONG_ANSWER = 9, 10, 11
FORMATS: Final = {1: 1, 3: 2, 4: 3}  # by channels


class CFrame(c.Structure):
    _fields_ = [
        ("pixels", c.c_void_p),
        ("width", c.c_uint32),
        ("height", c.c_uint32),
        ("stride", c.c_size_t),
        ("format", c.c_int),
        ("flags", c.c_uint32),
        ("captured_ns", c.c_int64),
        ("spacing_row_mm", c.c_double),
        ("spacing_column_mm", c.c_double),
        ("pixel_aspect", c.c_double),
        ("depth_mm", c.c_double),
        ("gain_db", c.c_double),
        ("roi", c.c_int32 * 4),
        ("probe", c.c_char_p),
        ("preset", c.c_char_p),
    ]


class CRegion(c.Structure):
    _fields_ = [
        ("contour", c.POINTER(c.c_int32)),
        ("points", c.c_uint32),
        ("flags", c.c_uint32),
        ("track_id", c.c_int64),
        ("box", c.c_int32 * 4),
        ("area_px", c.c_double),
        ("area_mm2", c.c_double),
        ("width_mm", c.c_double),
        ("height_mm", c.c_double),
        ("suspicion", c.c_double),
        ("class_probs", c.POINTER(c.c_double)),
    ]


class CResult(c.Structure):
    _fields_ = [
        ("outcome", c.c_int),
        ("flagged", c.c_int),
        ("temporal_flag", c.c_int),
        ("localised", c.c_int),
        ("frame_id", c.c_uint64),
        ("captured_ns", c.c_int64),
        ("valid_until_ns", c.c_int64),
        ("age_ms", c.c_double),
        ("suspicion", c.c_double),
        ("regions", c.POINTER(CRegion)),
        ("region_count", c.c_uint32),
        ("reason_count", c.c_uint32),
        ("reasons", c.POINTER(c.c_int32)),
        ("detail", c.c_char_p),
        ("class_probs", c.POINTER(c.c_double)),
    ]


class CStatus(c.Structure):
    _fields_ = [
        ("state", c.c_int),
        ("reasons", c.c_char_p),
        ("valid_until_ns", c.c_int64),
        ("submitted", c.c_uint64),
        ("analysed", c.c_uint64),
        ("not_analysed", c.c_uint64),
        ("superseded", c.c_uint64),
        ("bundle_id", c.c_char_p),
        ("runtime", c.c_char_p),
        ("precision", c.c_char_p),
        ("variant", c.c_char_p),
        ("labels", c.POINTER(c.c_char_p)),
        ("label_count", c.c_uint32),
        ("flag_threshold", c.c_double),
    ]


class COptions(c.Structure):
    _fields_ = [
        ("stream", c.c_char_p),
        ("variant", c.c_char_p),
        ("onnxruntime", c.c_char_p),
        ("threads", c.c_uint32),
        ("timeout_ms", c.c_uint32),
        ("max_age_ms", c.c_uint32),
        ("manifest_sha256", c.c_char_p),
    ]


def built(folder: Path, *flags: str) -> c.CDLL:
    """libsonoedge.so with the client and the native core, for a machine without a policy."""
    flags = flags or (NO_DEVICE_POLICY,)
    file = build(folder / "libsonoedge.so", library_sources(), flags=("-shared", "-fPIC", *flags))
    library = c.CDLL(str(file))
    library.sonoedge_now_ns.restype = c.c_int64
    for name in ("sonoedge_reason_name", "sonoedge_state_name", "sonoedge_last_message"):
        getattr(library, name).restype = c.c_char_p
    for name in ("sonoedge_last_message", "sonoedge_close", "sonoedge_descriptor"):
        getattr(library, name).argtypes = [c.c_void_p]
    return library


class Handle:
    """A handle of `sonoedge_open`.

    Attributes:
        error: that opening gave.
    """

    def __init__(self, library: c.CDLL, bundle: Path, **options: Any) -> None:
        values = {
            name: str(value).encode() if isinstance(value, str | Path) else value
            for name, value in options.items()
        }
        self._library, self._handle = library, c.c_void_p()
        self.error: int = library.sonoedge_open(
            str(bundle).encode(), c.byref(COptions(**values)), c.byref(self._handle)
        )

    @property
    def message(self) -> str:
        return bytes(self._library.sonoedge_last_message(self._handle)).decode()

    @property
    def descriptor(self) -> int:
        return int(self._library.sonoedge_descriptor(self._handle))

    def now_ns(self) -> int:
        return int(self._library.sonoedge_now_ns())

    def submit(self, pixels: np.ndarray[Any, Any], **fields: Any) -> tuple[int, int]:
        """The error, and the frame's id. Fields are those of sonoedge_frame."""
        rows = np.ascontiguousarray(pixels)
        frame, frame_id = CFrame(), c.c_uint64()
        self._library.sonoedge_frame_init(c.byref(frame))
        frame.pixels = rows.ctypes.data
        frame.height, frame.width = rows.shape[:2]
        frame.format = FORMATS[1 if rows.ndim == 2 else rows.shape[2]]
        frame.captured_ns = fields.pop("captured_ns", None) or self.now_ns()
        for name, value in fields.items():
            setattr(frame, name, (c.c_int32 * 4)(*value) if name == "roi" else value)
        error = self._library.sonoedge_submit(self._handle, c.byref(frame), c.byref(frame_id))
        return int(error), frame_id.value

    def next(self) -> Mapping[str, Any] | None:
        """The result as plain values; None where there is nothing new."""
        result = CResult()
        error = self._library.sonoedge_next(self._handle, c.byref(result), 0)
        if error == NOTHING_NEW:
            return None
        assert error == OK, error
        return self._plain(result)

    def analyse(self, pixels: np.ndarray[Any, Any], **fields: Any) -> Mapping[str, Any]:
        """Submit, and the result of it."""
        error, frame_id = self.submit(pixels, **fields)
        assert error == OK, self.message
        result = self.next()
        assert result is not None
        assert result["frame_id"] == frame_id
        return result

    def valid(self) -> bool:
        return bool(self._library.sonoedge_valid(self._handle, c.c_int64(self.now_ns())))

    def status(self) -> CStatus:
        status = CStatus()
        self._library.sonoedge_get_status(self._handle, c.byref(status))
        return status

    def state(self) -> tuple[str, str]:
        """The state's name, and its reasons."""
        status = self.status()
        name = bytes(self._library.sonoedge_state_name(status.state)).decode()
        return name, bytes(status.reasons).decode()

    def _plain(self, result: CResult) -> dict[str, Any]:
        labels = self.status().label_count
        plain: dict[str, Any] = {name: getattr(result, name) for name, _ in CResult._fields_}
        del plain["region_count"], plain["reason_count"]
        plain["detail"] = bytes(result.detail).decode()
        plain["reasons"] = [
            bytes(self._library.sonoedge_reason_name(result.reasons[i])).decode()
            for i in range(result.reason_count)
        ]
        plain["class_probs"] = result.class_probs[:labels] if result.class_probs else []
        plain["regions"] = [
            {
                "contour": region.contour[: 2 * region.points],
                "flags": region.flags,
                "track_id": region.track_id,
                "box": list(region.box),
                "sizes": [region.area_px, region.area_mm2, region.width_mm, region.height_mm],
                "suspicion": region.suspicion,
                "class_probs": region.class_probs[:labels] if region.class_probs else [],
            }
            for region in result.regions[: result.region_count]
        ]
        return plain

    def close(self) -> None:
        self._library.sonoedge_close(self._handle)
        self._handle = c.c_void_p()

    def __enter__(self) -> Handle:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
