"""OpenVINO Model API: its segmentation model around the network.

It takes colour pictures and class scores, so the network is wrapped: [1, 3, H, W] in,
[1, 2, h, w] out; the grade is left out. Its masks ignore a letterbox's padding, so the
frame is stretched, which is its default.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from peer import Watch
from pictures import regions_of
from subject import Picture, Regions, Subject


class ModelApi:
    """`SegmentationModel` with preprocessing embedded in the graph, its default."""

    name = "OpenVINO Model API"

    def __init__(self, subject: Subject) -> None:
        from model_api.adapters import OpenvinoAdapter
        from model_api.models import SegmentationModel

        from sonoedge_runtimes.ov import ov  # first: OpenVINO without its telemetry

        self._subject = subject
        self._watch = Watch()
        mean, std = subject.scale
        config = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": subject.threads}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "three_channels.onnx"
            file.write_bytes(subject.three_channel_onnx())
            adapter = OpenvinoAdapter(
                ov.Core(), str(file), device="CPU", max_num_requests=1, plugin_config=config
            )
        self._model = SegmentationModel(
            adapter,
            configuration={
                "mean_values": [mean] * 3,
                "scale_values": [std] * 3,
                "soft_threshold": subject.postprocess.lesion_threshold,
                "blur_strength": -1,
                "return_soft_prediction": True,
            },
            preload=True,
        )

        infer = self._model.infer_sync
        self._model.infer_sync = lambda inputs: self._watch(infer, inputs)

    @property
    def engine_ms(self) -> float:
        return self._watch.ms

    def prepare(self, picture: Picture) -> None:
        self._inputs: Any = self._model.preprocess(_colour(picture))[0]

    def bare(self) -> None:
        self._model.infer_sync(self._inputs)

    def regions(self, picture: Picture) -> Regions:
        result = self._model(_colour(picture))
        mask = (result.resultImage == 1).astype(np.uint8)
        return regions_of(mask, None, self._subject)


def _colour(picture: Picture) -> Any:
    return cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
