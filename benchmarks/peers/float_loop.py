"""The loop that most engineers write: float in, float maps, everything at the frame's size."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from float_maps import FloatMaps
from pictures import cut, regions_of
from subject import Picture, Regions, Subject


class FloatLoop(FloatMaps):
    """ONNX Runtime on what `torch.onnx.export` gives."""

    name = "naive float loop, ONNX Runtime fp32"

    def __init__(self, subject: Subject) -> None:
        import onnxruntime

        super().__init__(subject)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = subject.threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            subject.float_onnx(), options, providers=["CPUExecutionProvider"]
        )

    def _run(self, tensor: npt.NDArray[np.float32]) -> Any:
        return self._session.run(None, {"frame": tensor})

    def regions(self, picture: Picture) -> Regions:
        maps = self._watch(self._run, self._tensor(picture))
        height, width = self._subject.frame_hw
        large, grade = (
            cv2.resize(np.ascontiguousarray(cut(m[0, 0], self._subject)), (width, height))
            for m in maps
        )
        mask = (large >= self._subject.postprocess.lesion_threshold).astype(np.uint8)
        return regions_of(mask, grade, self._subject)
