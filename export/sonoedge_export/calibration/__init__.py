"""Calibration: the user's own frames, refused where they would mislead."""

from sonoedge_export.calibration.frames import (
    CalibrationFrames,
    calibration_frames,
    calibration_tensors,
)
from sonoedge_export.calibration.settings import Calibration

__all__ = ["Calibration", "CalibrationFrames", "calibration_frames", "calibration_tensors"]
