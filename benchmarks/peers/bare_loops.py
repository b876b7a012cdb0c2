"""The least code around ONNX Runtime and OpenVINO: the bundle's graph, uint8 at both ends.

No guard, no sub-cell outlines, no tracker; nothing is checked, nothing is caught.
"""

from __future__ import annotations

import abc
from typing import Any

import cv2
import numpy as np
from peer import Watch
from pictures import cut, letterboxed, regions_of
from subject import Picture, Regions, Subject


class _Loop(abc.ABC):
    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._level = subject.postprocess.level
        self._watch = Watch()

    @property
    def engine_ms(self) -> float:
        return self._watch.ms

    def prepare(self, picture: Picture) -> None:
        self._tensor = letterboxed(picture, self._subject)[None, None]

    def bare(self) -> None:
        self._run(self._tensor)

    def regions(self, picture: Picture) -> Regions:
        tensor = letterboxed(picture, self._subject)[None, None]
        lesion, malignancy = self._watch(self._run, tensor)
        inside = np.asarray(cut(lesion[0, 0], self._subject), dtype=np.uint8)
        _, mask = cv2.threshold(inside, self._level - 1, 255, cv2.THRESH_BINARY)
        grade = cut(malignancy[0, 0], self._subject)
        return regions_of(np.asarray(mask, dtype=np.uint8), grade, self._subject)

    @abc.abstractmethod
    def _run(self, tensor: Picture) -> Any:
        """Lesion and malignancy map of one letterboxed picture, uint8 [1, 1, H, W]."""


class BareOnnxRuntime(_Loop):
    """ONNX Runtime; threads do not spin between calls, or they would disturb the next peer."""

    name = "bare ONNX Runtime loop, fp32"

    def __init__(self, subject: Subject) -> None:
        import onnxruntime

        super().__init__(subject)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = subject.threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            subject.uint8_onnx(), options, providers=["CPUExecutionProvider"]
        )

    def _run(self, tensor: Picture) -> Any:
        return self._session.run(["lesion_map", "malignancy_map"], {"frame": tensor})


class BareOpenVino(_Loop):
    """OpenVINO with its own choice of precision, as it comes."""

    name = "bare OpenVINO loop"

    def __init__(self, subject: Subject) -> None:
        from sonoedge_runtimes.ov import ov  # OpenVINO without its telemetry

        super().__init__(subject)
        core = ov.Core()
        config = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": subject.threads}
        compiled = core.compile_model(core.read_model(subject.uint8_onnx()), "CPU", config)
        self._request = compiled.create_infer_request()

    def _run(self, tensor: Picture) -> Any:
        answer = self._request.infer({"frame": tensor})
        return answer["lesion_map"], answer["malignancy_map"]
