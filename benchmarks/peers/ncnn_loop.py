"""ncnn: the network by pnnx, its own converter."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from float_maps import FloatMaps
from subject import Subject


class Ncnn(FloatMaps):
    """As its converter and its runtime's defaults have it, but for float32.

    Its wheel has no tool that quantizes.
    """

    name = "ncnn, fp32"

    def __init__(self, subject: Subject) -> None:
        import ncnn
        import pnnx

        super().__init__(subject)
        self._ncnn, self._net = ncnn, ncnn.Net()
        options = self._net.opt
        options.num_threads = subject.threads
        options.openmp_blocktime = 0  # threads that spin would disturb the next peer
        options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = False
        with tempfile.TemporaryDirectory() as folder:
            pnnx.export(
                subject.network, str(Path(folder) / "network.pt"), subject.example, fp16=False
            )
            self._net.load_param(str(Path(folder) / "network.ncnn.param"))
            self._net.load_model(str(Path(folder) / "network.ncnn.bin"))

    def _run(self, tensor: npt.NDArray[np.float32]) -> Any:
        extractor = self._net.create_extractor()
        extractor.input("in0", self._ncnn.Mat(tensor[0]))
        return [np.array(extractor.extract(name)[1]) for name in ("out0", "out1")]
