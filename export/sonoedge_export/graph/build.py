"""From a recipe to the float graph, and to the trained network that it must equal."""

from __future__ import annotations

from dataclasses import dataclass

import onnx
import torch
from torch import nn

from sonoedge.errors import InvalidNetwork
from sonoedge.runtime import Runtime, runtime_class
from sonoedge_export.graph.activation_map import ActivationAnswer, Watched
from sonoedge_export.graph.classifier_head import find_head
from sonoedge_export.graph.deploy import INPUT, Answer, Deployed, Scale
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.graph.to_onnx import around, to_onnx
from sonoedge_export.graph.torch_runtime import TorchRuntime
from sonoedge_export.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A deployed graph.

    Attributes:
        onnx: the float32 graph's bytes.
        trained: what it must equal: the torch network, or for a recipe that begins with
            an ONNX file, that file without graph optimisation.
        parameters: number of weights, or None where the network came as ONNX.
    """

    onnx: bytes
    trained: Runtime
    parameters: int | None


def build_graph(recipe: Recipe, network: nn.Module | None = None) -> Graph:
    """Load, wrap and trace the recipe's network.

    Args:
        network: takes the place of the recipe's, such as one with fewer channels.

    Raises:
        InvalidNetwork: it cannot be loaded, does not give the outputs that the recipe
            names, or cannot be traced.
    """
    size = (recipe.input.height, recipe.input.width)
    if recipe.network.onnx is not None:
        if recipe.outputs.lesion_map is None:
            raise InvalidNetwork("an ONNX classifier has no activation map; give its torch network")
        answer = Answer(recipe.outputs)
        file = recipe.path(recipe.network.onnx)
        data = _bytes(around(Scale(recipe.network), file, answer, size, answer.output_names))
        return Graph(onnx=data, trained=_plain(data), parameters=None)
    if network is None:
        network = load_network(recipe)
    deployed = deploy(recipe, network)
    trained = torch_runtime(recipe, deployed)
    example = torch.zeros(1, 1, *size, dtype=torch.uint8)
    model = to_onnx(deployed, (example,), [INPUT], deployed.names)
    parameters = sum(p.numel() for p in network.parameters())
    return Graph(onnx=_bytes(model), trained=trained, parameters=parameters)


def torch_runtime(recipe: Recipe, deployed: Deployed) -> TorchRuntime:
    """The deployed network as it was trained, to compare with.

    Raises:
        InvalidNetwork: it cannot take the recipe's input.
    """
    size = (recipe.input.height, recipe.input.width)
    try:
        return TorchRuntime(deployed, deployed.names, size)
    except (RuntimeError, TypeError, ValueError) as error:
        raise InvalidNetwork(
            f"the network cannot take a 1 x {recipe.network.channels} x {size[0]} x {size[1]} "
            f"picture: {str(error)[:200]}"
        ) from error


def deploy(recipe: Recipe, network: nn.Module) -> Deployed:
    """The network with scaling before and answers behind it, in torch.

    Raises:
        InvalidNetwork: its outputs are not what the recipe names.
    """
    scale, size = Scale(recipe.network), (recipe.input.height, recipe.input.width)
    if recipe.outputs.lesion_map is not None:
        return Deployed(scale, network, Answer(recipe.outputs))
    with torch.no_grad():
        example = torch.rand(1, 1, *size, generator=torch.Generator().manual_seed(0)) * 255
        head = find_head(network, scale(example))
    labels = recipe.postprocess.labels
    layers = head.modules(network)
    if layers[-1].out_features != len(labels):
        raise InvalidNetwork(
            f"the classifier has {layers[-1].out_features} classes, "
            f"postprocess.labels names {len(labels)}"
        )
    positive = tuple(labels.index(p) for p in recipe.postprocess.positive)
    map_hw = recipe.outputs.map_hw or (size[0] // 4, size[1] // 4)
    answer = ActivationAnswer(recipe.outputs, layers, positive, map_hw, pooled=head.pooled)
    return Deployed(scale, Watched(network, head), answer)


def _bytes(model: onnx.ModelProto) -> bytes:
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _plain(data: bytes) -> Runtime:
    return runtime_class("onnxruntime")(data, precision="fp32", threads=1)
