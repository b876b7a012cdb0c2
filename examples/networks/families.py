"""The networks of the table, and each one's recipe."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

VARIANTS: Final = (
    "onnxruntime-fp32",
    "onnxruntime-int8",
    "openvino-fp32",
    "openvino-bf16",
    "openvino-int8",
)


@dataclass(frozen=True, kw_only=True)
class Family:
    """One network.

    Attributes:
        title: as the table shows it.
        factory: "module:function" beside this file.
        arguments: of the factory.
        classes: labels; a classifier's, or those of a U-Net's pixels (the first is background).
        side: height and width of the input, pixels.
        segments: it is a U-Net.
        from_onnx: the recipe is given an ONNX file in place of code and weights.
    """

    title: str
    factory: str
    arguments: dict[str, object]
    classes: tuple[str, ...] = ("benign", "malignant")
    side: int = 224
    segments: bool = False
    from_onnx: bool = False


def _unet(title: str, function: str, *, from_onnx: bool = False, **arguments: object) -> Family:
    return Family(
        title=title,
        factory=f"unets:{function}",
        arguments=arguments,
        classes=("normal", "benign", "malignant"),
        side=256,
        segments=True,
        from_onnx=from_onnx,
    )


def _classifier(title: str, factory: str, **arguments: object) -> Family:
    return Family(title=title, factory=factory, arguments=arguments)


FAMILIES: Final = {
    "alexnet": _classifier("AlexNet", "classifiers:alexnet"),
    "vgg16": _classifier("VGG-16", "classifiers:vgg", name="vgg16"),
    "vgg19": _classifier("VGG-19", "classifiers:vgg", name="vgg19"),
    "resnet18": _classifier("ResNet-18", "classifiers:resnet", name="resnet18"),
    "resnet50": _classifier("ResNet-50", "classifiers:resnet", name="resnet50"),
    "resnet101": _classifier("ResNet-101", "classifiers:resnet", name="resnet101"),
    "densenet121": _classifier("DenseNet-121", "classifiers:densenet121"),
    "efficientnet_b0": _classifier("EfficientNet-B0", "classifiers:efficientnet_b0"),
    "mobilenet_v3_small": _classifier("MobileNetV3-Small", "mobilenet:mobilenet_v3_small"),
    "squeezenet": _classifier("SqueezeNet 1.1", "squeezenet:squeezenet"),
    # Training makes the blocks count, which the paper adds at 1e-6 to begin with.
    "convnext_pico": _classifier("ConvNeXt-Pico", "convnext:convnext", layer_scale=0.5),
    "unet": _unet("U-Net", "plain"),
    "unet_resnet18": _unet("U-Net, ResNet-18 encoder", "with_encoder", backbone="resnet18"),
    "unet_efficientnet_b0": _unet(
        "U-Net, EfficientNet-B0 encoder", "with_encoder", backbone="efficientnet-b0"
    ),
    "unet_onnx": _unet("U-Net, from an ONNX file alone", "plain", from_onnx=True),
}

UNET = """
[outputs.lesion_map]
channels = [1, 2]

[outputs.malignancy_map]
channels = [2]
over = [1, 2]
"""


def recipe(
    key: str,
    family: Family,
    *,
    network: str,
    extra: str = "",
    side: int | None = None,
    split: str = "judged",
    variants: tuple[str, ...] = (),
) -> str:
    """A recipe's text.

    Args:
        network: the lines of its [network] table.
        extra: tables behind the others.
        side: in place of the family's.
        split: of the frames judged on.
        variants: those to build; empty for all.
    """
    size = side or family.side
    return f"""name = "{key}"
version = "1"
intended_use = "Comparing engines: the network is not trained."
task = "{"segmentation" if family.segments else "classification"}"
threshold_chosen_on = "nothing"
variants = {json.dumps(variants)}

[network]
{network}

[input]
height = {size}
width = {size}
{UNET if family.segments else "[outputs.class_probs]"}
[postprocess]
labels = {json.dumps(["normal", "benign", "malignant"] if family.segments else family.classes)}
positive = ["malignant"]

[data]
frames = ["frames/frames.json"]
split = "{split}"
golden = 2
{extra}"""


def toml(values: dict[str, object]) -> str:
    """An inline table of texts and numbers."""
    return "{ " + ", ".join(f"{k} = {json.dumps(v)}" for k, v in values.items()) + " }"
