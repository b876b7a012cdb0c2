"""The user's network as an ONNX file: run as it is, and as a part of the deployed graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, numpy_helper
from torch import Tensor, nn

from sonoedge.errors import EngineFailed, InvalidNetwork
from sonoedge_export.graph.checkpoint import check_numbers
from sonoedge_export.graph.declared_input import DeclaredInput, declared_input
from sonoedge_export.graph.deploy import Scale
from sonoedge_export.recipe.network import Network

TORCH: Final = {"float32": torch.float32, "float16": torch.float16, "uint8": torch.uint8}


class Given(nn.Module):
    """uint8 [1, 1, H, W] grey levels to what the file takes: scale, type and layout."""

    def __init__(self, scale: Scale, declared: DeclaredInput) -> None:
        super().__init__()
        self.scale, self.declared = scale, declared

    def forward(self, frame: Tensor) -> Tensor:
        if self.declared.dtype == "uint8":
            x = (
                torch.cat([frame] * self.scale.channels, dim=1)
                if self.scale.channels > 1
                else frame
            )
        else:
            x = self.scale(frame).to(TORCH[self.declared.dtype])
        return x if self.declared.layout == "NCHW" else x.permute(0, 2, 3, 1)


class Taken(nn.Module):
    """The file's outputs to those that a recipe speaks of: float32, channels first.

    Of a file that takes channels last, an output of four dimensions has them last as well,
    unless its second dimension is the smaller one.
    """

    def __init__(self, names: list[str], declared: DeclaredInput) -> None:
        super().__init__()
        self.names, self.declared = names, declared

    def forward(self, *outputs: Tensor) -> dict[str, Tensor]:
        return {name: self._one(t) for name, t in zip(self.names, outputs, strict=True)}

    def _one(self, tensor: Tensor) -> Tensor:
        if tensor.dtype == torch.float16:
            tensor = tensor.to(torch.float32)
        last = self.declared.layout == "NHWC" and tensor.ndim == 4
        if last and tensor.shape[3] <= tensor.shape[1]:
            return tensor.permute(0, 3, 1, 2)
        return tensor


class OnnxFile:
    """A file and its session: ONNX Runtime, nothing optimised, the file's bytes as they are.

    Attributes:
        model: what was read.
        given, taken: what stands before and behind the network.
        example: one answer, the file's own types and layouts.
    """

    def __init__(self, file: Path, network: Network, scale: Scale, size: tuple[int, int]) -> None:
        """Read and run the file once.

        Args:
            network, scale: what the recipe says of the file, and the scaling made of it.
            size: the recipe's (height, width).

        Raises:
            InvalidNetwork: it cannot be read or run, or its input does not fit the recipe.
        """
        data, self.model = _read(file)
        self.name = file.name
        declared = declared_input(self.model, network, size, file.name)
        self.declared = declared
        self.given = Given(scale, declared)
        self.outputs = [o.name for o in self.model.graph.output]
        self.taken = Taken(self.outputs, declared)
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
            self.example = self._run(torch.zeros(1, 1, *size, dtype=torch.uint8))
        except Exception as error:  # ONNX Runtime's classes share no other base
            raise InvalidNetwork(
                f"ONNX Runtime cannot run {file.name}: {' '.join(str(error).split())[:300]}"
            ) from error

    def __call__(self, frame: Tensor) -> Any:
        """The network's outputs by name, as a recipe speaks of them.

        Args:
            frame: uint8 [1, 1, H, W].

        Raises:
            EngineFailed: the network failed on it.
        """
        try:
            return self.taken(*self._run(frame))
        except Exception as error:
            raise EngineFailed(f"{self.name} failed: {str(error)[:300]}") from error

    def _run(self, frame: Tensor) -> list[Tensor]:
        x = self.given(frame).numpy()
        made = self._session.run(self.outputs, {self.declared.name: np.ascontiguousarray(x)})
        return [torch.from_numpy(np.array(array)) for array in made]


def _read(file: Path) -> tuple[bytes, onnx.ModelProto]:
    try:
        data = file.read_bytes()
        model = onnx.load_from_string(data)
        tensors = list(model.graph.initializer)
        if any(t.data_location == TensorProto.EXTERNAL for t in tensors):
            raise InvalidNetwork(f"{file.name} keeps weights in other files; save it in one file")
        onnx.checker.check_model(model)
    except OSError as error:
        raise InvalidNetwork(f"{file.name} cannot be read: {error.strerror}") from None
    except InvalidNetwork:
        raise
    except Exception as error:  # onnx raises what protobuf and C++ raise
        raise InvalidNetwork(
            f"{file.name} cannot be used as ONNX: {' '.join(str(error).split())[:300]}"
        ) from error
    floats = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE)
    check_numbers(
        {
            t.name: torch.from_numpy(numpy_helper.to_array(t).copy())
            for t in tensors
            if t.data_type in floats
        },
        file.name,
    )
    return data, model
