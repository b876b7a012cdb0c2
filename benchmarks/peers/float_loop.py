"""The loop that most engineers write: float in, float maps, everything at the frame's size."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from peer import Watch
from pictures import cut, letterboxed, regions_of
from subject import Picture, Regions, Subject


class FloatLoop:
    """ONNX Runtime on what `torch.onnx.export` gives."""

    name = "naive float loop, ONNX Runtime fp32"

    def __init__(self, subject: Subject) -> None:
        import onnxruntime

        self._subject = subject
        self._watch = Watch()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = subject.threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            subject.float_onnx(), options, providers=["CPUExecutionProvider"]
        )

    @property
    def engine_ms(self) -> float:
        return self._watch.ms

    def prepare(self, picture: Picture) -> None:
        self._prepared = self._tensor(picture)

    def bare(self) -> None:
        self._session.run(None, {"frame": self._prepared})

    def regions(self, picture: Picture) -> Regions:
        inputs = {"frame": self._tensor(picture)}
        maps = self._watch(self._session.run, None, inputs)
        height, width = self._subject.frame_hw
        large, grade = (
            cv2.resize(np.ascontiguousarray(cut(m[0, 0], self._subject)), (width, height))
            for m in maps
        )
        mask = (large >= self._subject.postprocess.lesion_threshold).astype(np.uint8)
        return regions_of(mask, grade, self._subject)

    def _tensor(self, picture: Picture) -> Any:
        return self._subject.scaled(letterboxed(picture, self._subject))[None, None]
