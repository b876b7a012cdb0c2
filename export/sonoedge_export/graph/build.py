"""From a recipe to the float graph, and to the user's network that it must equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import onnx
import torch
from torch import nn

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.activation_map import ActivationAnswer, WithFeatures
from sonoedge_export.graph.classifier_head import NO_MAP, find_head
from sonoedge_export.graph.deploy import INPUT, Answer, Deployed, Scale
from sonoedge_export.graph.embedding import EmbeddedAnswer, WithLayer
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.graph.onnx_file import OnnxFile
from sonoedge_export.graph.reference import Reference
from sonoedge_export.graph.to_onnx import embed, to_onnx
from sonoedge_export.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A deployed graph.

    Attributes:
        onnx: the float32 graph's bytes.
        trained: what it must equal: the torch network in torch, or for a recipe that begins
            with an ONNX file, that file as it is in ONNX Runtime, before any conversion.
        parameters: number of weights, or None where the network came as ONNX.
    """

    onnx: bytes
    trained: Reference
    parameters: int | None


def build_graph(recipe: Recipe, network: nn.Module | None = None) -> Graph:
    """Load, wrap and trace the recipe's network.

    Args:
        network: takes the place of the recipe's, such as one with fewer channels.

    Raises:
        InvalidNetwork: it cannot be loaded, does not give the outputs that the recipe
            names, or cannot be traced.
    """
    size, labels = (recipe.input.height, recipe.input.width), recipe.postprocess.labels
    if recipe.network.onnx is not None:
        return _from_file(recipe, size)
    if network is None:
        network = load_network(recipe)
    deployed = deploy(recipe, network)
    reference = torch_runtime(recipe, deployed)
    _check_outputs(reference, labels)
    example = torch.zeros(1, 1, *size, dtype=torch.uint8)
    model = to_onnx(deployed, (example,), [INPUT], deployed.names)
    parameters = sum(p.numel() for p in network.parameters())
    return Graph(onnx=_bytes(model), trained=reference, parameters=parameters)


def _from_file(recipe: Recipe, size: tuple[int, int]) -> Graph:
    """The graph around the recipe's ONNX file."""
    if recipe.outputs.activation_map:
        raise InvalidNetwork(
            f"an ONNX classifier has no activation map: give its torch network, or {NO_MAP}"
        )
    path, scale, answer = recipe.files.network, Scale(recipe.network), Answer(recipe.outputs)
    assert path is not None  # the caller has seen that the recipe names it
    if recipe.outputs.embedding is not None:
        answer = EmbeddedAnswer(answer, recipe.outputs.embedding)
    file = OnnxFile(path, recipe.network, scale, size)
    reference = Reference(file, answer, size)
    _check_outputs(reference, recipe.postprocess.labels)
    return Graph(onnx=_bytes(embed(file, answer, size)), trained=reference, parameters=None)


def torch_runtime(recipe: Recipe, deployed: Deployed) -> Reference:
    """The deployed network as it was trained, to compare with.

    Raises:
        InvalidNetwork: it cannot take the recipe's input.
    """
    size = (recipe.input.height, recipe.input.width)
    network = nn.Sequential(deployed.scale, deployed.network).eval()
    try:
        return Reference(network, deployed.answer, size)
    except (RuntimeError, TypeError, ValueError) as error:
        raise _unfit(recipe, deployed.network, error) from error


def deploy(recipe: Recipe, network: nn.Module) -> Deployed:
    """The network with scaling before and answers behind it, in torch.

    Raises:
        InvalidNetwork: its outputs are not what the recipe names.
    """
    plain, embedding = _without_embedding(recipe, network), recipe.outputs.embedding
    if embedding is None:
        return plain
    answer = EmbeddedAnswer(plain.answer, embedding)
    if embedding.layer is None:
        return Deployed(plain.scale, plain.network, answer)
    return Deployed(plain.scale, WithLayer(plain.network, network, embedding.layer), answer)


def _without_embedding(recipe: Recipe, network: nn.Module) -> Deployed:
    scale, size = Scale(recipe.network), (recipe.input.height, recipe.input.width)
    if not recipe.outputs.activation_map:
        return Deployed(scale, network, Answer(recipe.outputs))
    probs = recipe.outputs.class_probs
    assert probs is not None  # `Outputs` has refused it
    with torch.no_grad():
        example = torch.rand(1, 1, *size, generator=torch.Generator().manual_seed(0)) * 255
        try:
            head = find_head(network.eval(), scale(example), probs.output)
            layers, norm = head.modules(network), head.layer_norm(network)
        except (RuntimeError, TypeError, ValueError) as error:
            raise _unfit(recipe, network, error) from error
    labels = recipe.postprocess.labels
    _check_classes(max(2, head.classes), labels)
    positive = tuple(labels.index(p) for p in recipe.postprocess.positive)
    map_hw = recipe.outputs.map_hw or (size[0] // 4, size[1] // 4)
    answer = ActivationAnswer(recipe.outputs, head, layers, positive, map_hw, norm)
    return Deployed(scale, WithFeatures(network, head), answer)


def _unfit(recipe: Recipe, network: nn.Module, error: Exception) -> InvalidNetwork:
    """The network failed on the recipe's input: what does not fit, as far as can be told."""
    size, channels = (recipe.input.height, recipe.input.width), recipe.network.channels
    first = next((m for m in network.modules() if isinstance(m, nn.Conv2d)), None)
    why = " ".join(str(error).split())[:200]
    if first is not None and first.in_channels in (1, 3) and first.in_channels != channels:
        why = f"it takes {first.in_channels} channels; set network.channels = {first.in_channels}"
    return InvalidNetwork(
        f"the network cannot take a 1 x {channels} x {size[0]} x {size[1]} picture: {why}"
    )


def _check_outputs(reference: Reference, labels: Sequence[str]) -> None:
    for spec in reference.outputs:
        if spec.name == "class_probs":
            _check_classes(spec.shape[1], labels)


def _check_classes(classes: int, labels: Sequence[str]) -> None:
    """Refuse a network whose classes are not as many as the labels.

    Raises:
        InvalidNetwork: says how many there are.
    """
    if classes != len(labels):
        raise InvalidNetwork(
            f"the classifier has {classes} classes, postprocess.labels names {len(labels)}: "
            + ", ".join(labels)
        )


def _bytes(model: onnx.ModelProto) -> bytes:
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString(deterministic=True)
    return data
