"""LiteRT by litert-torch, its own converter, and AI Edge Quantizer, its own quantizer."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from float_maps import FloatMaps
from subject import Subject


class LiteRtTorch(FloatMaps):
    """The network with channels last, as the guide to the converter advises."""

    name = "LiteRT by litert-torch, fp32"

    def __init__(self, subject: Subject) -> None:
        from ai_edge_litert.interpreter import Interpreter

        super().__init__(subject)
        with tempfile.TemporaryDirectory() as folder:
            file = self._write(Path(folder))
            self._interpreter = Interpreter(
                model_content=file.read_bytes(), num_threads=subject.threads
            )
        self._interpreter.allocate_tensors()
        signature = self._interpreter.get_signature_runner()
        self._runner = signature
        self._input = next(iter(signature.get_input_details()))
        self._outputs = sorted(signature.get_output_details())

    def _write(self, folder: Path) -> Path:
        """The network as a .tflite file."""
        import litert_torch

        network = litert_torch.to_channel_last_io(self._subject.network, args=[0])
        example = self._subject.example.permute(0, 2, 3, 1).contiguous()
        file = folder / "network.tflite"
        litert_torch.convert(network.eval(), (example,)).export(str(file))
        return file

    def _run(self, tensor: npt.NDArray[np.float32]) -> Any:
        # One channel: the same bytes with channels last.
        answer = self._runner(**{self._input: tensor.reshape(1, *tensor.shape[2:], 1)})
        return [answer[name] for name in self._outputs]


class LiteRtTorchInt8(LiteRtTorch):
    """Weights and activations by the quantizer's own recipe, ranges of the calibration frames.

    Input and maps stay float, as of every peer.
    """

    name = "LiteRT by litert-torch, int8"

    def _write(self, folder: Path) -> Path:
        from ai_edge_quantizer import qtyping, quantizer, recipe

        frames = self._subject.calibration()
        source = super()._write(folder)
        tool = quantizer.Quantizer(str(source))
        tool.load_quantization_recipe(recipe.static_wi8_ai8())
        for end in (qtyping.TFLOperationName.INPUT, qtyping.TFLOperationName.OUTPUT):
            tool.update_quantization_recipe(
                regex=".*", operation_name=end, algorithm_key=recipe.AlgorithmName.NO_QUANTIZE
            )
        signature, name = _signature(source)
        inputs = [{name: frame.reshape(1, *frame.shape[2:], 1)} for frame in frames]
        result = tool.quantize(tool.calibrate({signature: inputs}))
        file = folder / "int8.tflite"
        result.export_model(str(file))
        return file


def _signature(file: Path) -> tuple[str, str]:
    """The file's only signature, and the name of its only input."""
    from ai_edge_litert.interpreter import Interpreter

    signatures = Interpreter(model_content=file.read_bytes()).get_signature_list()
    ((signature, parts),) = signatures.items()
    (name,) = parts["inputs"]
    return signature, name
