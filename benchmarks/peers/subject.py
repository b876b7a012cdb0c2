"""The network that every peer runs, in the forms that they take it in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from sonoedge.bundle import Bundle, read_bundle
from sonoedge.errors import InvalidSettings
from sonoedge.processing.geometry import fit
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge_export.data.calibration import calibration_frames
from sonoedge_export.data.evaluation_set import joined
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.graph.deploy import Answer
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.graph.to_onnx import to_onnx
from sonoedge_export.recipe.recipe import Recipe

Picture = npt.NDArray[np.uint8]
Outlines = list[npt.NDArray[np.int32]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Regions:
    """What a peer makes of one frame.

    Attributes:
        outlines: int32 (N, 2) each, (x, y) in the frame's pixels.
        flagged: whether the most suspicious of them reaches the operating point; None where
            nobody graded them, or the frame was not analysed.
    """

    outlines: Outlines
    flagged: bool | None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One trained network and one size of frames.

    Attributes:
        recipe: as it was exported; `bundle` is what came of it.
        network: in torch: float [1, 1, H, W], scaled, to probabilities (lesion,
            malignancy), float [1, 1, h, w] each.
        frame_hw: (height, width) of the frames.
        threads: for every engine.
    """

    recipe: Recipe
    bundle: Bundle
    network: nn.Module
    frame_hw: tuple[int, int]
    threads: int

    @property
    def input_hw(self) -> tuple[int, int]:
        return self.recipe.input.height, self.recipe.input.width

    @property
    def postprocess(self) -> PostprocessSpec:
        return self.bundle.manifest.postprocess

    @property
    def placed(self) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1) of the picture within the letterboxed input."""
        height, width = self.frame_hw
        box = (0, 0, width, height)
        return fit(roi_px=box, input_hw=self.input_hw, policy="letterbox").placed_px

    @property
    def min_area_px(self) -> float:
        """The smallest region that counts, in square pixels of the frame."""
        x0, _, x1, _ = self.placed
        return self.postprocess.min_area_input_px * (self.frame_hw[1] / (x1 - x0)) ** 2

    @property
    def example(self) -> Tensor:
        """A float input, [1, 1, H, W], for tools that trace."""
        return torch.zeros(1, 1, *self.input_hw)

    def scaled(self, tensor: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """A letterboxed picture, uint8, as the float that the network was trained on."""
        mean, std = self.scale
        return ((tensor.astype(np.float32) - mean) / std).astype(np.float32)

    @property
    def scale(self) -> tuple[float, float]:
        """Mean and standard deviation of the grey levels (0 to 255) that it was trained on.

        Raises:
            InvalidSettings: they differ between channels; peers are given one.
        """
        network = self.recipe.network
        if {*map(len, (network.means, network.stds))} != {1}:
            raise InvalidSettings("peers take networks of one mean and standard deviation alone")
        return network.means[0], network.stds[0]

    def calibration(self) -> list[npt.NDArray[np.float32]]:
        """The recipe's calibration frames as float inputs, [1, 1, H, W] each, for quantizers.

        Raises:
            InvalidCalibration, InvalidData: the recipe names none, or they cannot be used.
        """
        recipe = self.recipe
        judged = [read_labelled(file, recipe.data.split) for file in recipe.files.evaluation]
        accepted = calibration_frames(
            recipe.calibration,
            recipe.files.calibration,
            spec=recipe.input,
            guard=recipe.guard,
            evaluation=joined(judged),
        )
        return [self.scaled(tensor) for tensor in accepted.tensors]

    def uint8_onnx(self) -> bytes:
        """The bundle's own float graph: uint8 in, uint8 maps out."""
        variants = self.bundle.manifest.variants
        float_variants = [
            v for v in variants if v.runtime == "onnxruntime" and v.precision == "fp32"
        ]
        return self.bundle.read_model(float_variants[0])[0]

    def float_onnx(self) -> bytes:
        """What `torch.onnx.export` gives of the network: float in, float maps out."""
        model = to_onnx(self.network, (self.example,), ["frame"], ["lesion", "malignancy"])
        data: bytes = model.SerializeToString()
        return data

    def three_channel_onnx(self) -> bytes:
        """For tools that want colour and class scores: [1, 3, H, W] in, [1, 2, h, w] out."""
        example = torch.zeros(1, 3, *self.input_hw)
        model = to_onnx(_Colour(self.network).eval(), (example,), ["frame"], ["scores"])
        data: bytes = model.SerializeToString()
        return data


def read_subject(
    recipe: Recipe, bundle: Path, *, frame_hw: tuple[int, int], threads: int
) -> Subject:
    """Load the recipe's network, and read the bundle.

    Raises:
        SonoedgeError: the recipe, the network or the bundle cannot be used.
    """
    network = _Probabilities(load_network(recipe), Answer(recipe.outputs)).eval()
    return Subject(
        recipe=recipe,
        bundle=read_bundle(bundle),
        network=network,
        frame_hw=frame_hw,
        threads=threads,
    )


class _Probabilities(nn.Module):
    """The network and its activations."""

    def __init__(self, network: nn.Module, answer: Answer) -> None:
        super().__init__()
        self.network, self.answer = network, answer

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        logits: dict[str, Any] = self.answer.logits(self.network(x))
        names = ("lesion_map", "malignancy_map")
        return tuple(self.answer.value(name, logits[name]) for name in names)


class _Colour(nn.Module):
    """Three equal channels in, the scores of background and lesion out."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        lesion = self.network(x[:, :1])[0]
        return torch.cat([1 - lesion, lesion], dim=1)
