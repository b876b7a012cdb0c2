"""Build every network of the table for RTX GPUs, without one, and compare with lint.

    python examples/networks/for_tensorrt.py [--only NAME ...] [--side PIXELS]

Needs pip install 'sonoedge[export,tensorrt-rtx]'. Weights are untrained: what counts here is
which layers run in int8 or half precision, and that lint says what the parser says. Ends
with exit code 1 where a layer is not what the graph asks for, or the two disagree.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from families import FAMILIES, Family, recipe, toml
from onnx import TensorProto

from sonoedge.errors import EngineBuildFailed
from sonoedge_export.calibration.settings import Calibration
from sonoedge_export.graph import build_graph
from sonoedge_export.lint import lint
from sonoedge_export.quantize.layers import prepared
from sonoedge_export.quantize.ort import quantize_ort
from sonoedge_export.quantize.trt_fp16 import trt_fp16
from sonoedge_export.quantize.trt_int8 import trt_int8
from sonoedge_export.recipe import read_recipe
from sonoedge_runtimes.trt_build import build

HERE = Path(__file__).resolve().parent
CAPABILITIES = ("8.6", "8.9")
FRAMES = 4


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One graph of a network.

    Attributes:
        int8: nodes that must compute in int8.
        capabilities: to build for.
    """

    name: str
    graph: bytes
    int8: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = CAPABILITIES[:1]


def dialects(family: Family, side: int | None) -> Iterator[Dialect]:
    """The float graph, ours, and two that TensorRT must not get."""
    size = side or family.side
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recipe.toml"
        lines = f'factory = "{family.factory}"\narguments = {toml(family.arguments)}'
        text = recipe("network", family, network=lines, side=side)
        file.write_text(text.replace("variants = []", 'variants = ["onnxruntime-fp32"]'))
        torch.manual_seed(0)
        graph = prepared(build_graph(read_recipe(file)).onnx)
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, (1, 1, size, size), dtype=np.uint8) for _ in range(FRAMES)]
    yield Dialect(name="fp32", graph=graph)
    int8 = trt_int8(graph, frames)
    yield Dialect(name="int8", graph=int8.onnx, int8=int8.int8, capabilities=CAPABILITIES)
    yield Dialect(name="fp16", graph=trt_fp16(graph, frames).onnx, capabilities=CAPABILITIES)
    yield Dialect(name="uint8", graph=as_uint8(int8.onnx))
    other = quantize_ort(graph, frames, Calibration(frames=("none",)), form="qdq")
    yield Dialect(name="ONNX Runtime's int8", graph=other.model)


def as_uint8(graph: bytes) -> bytes:
    """The same graph with uint8 activations, as quantizers for CPUs write them."""
    model = onnx.load_from_string(graph)
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.INT8 and not tensor.dims:
            tensor.CopyFrom(onnx.helper.make_tensor(tensor.name, TensorProto.UINT8, [], [0]))
    data: bytes = model.SerializeToString()
    return data


def judged(key: str, dialect: Dialect) -> Iterator[tuple[str, bool]]:
    """A line of the table per GPU, and whether all is as it must be."""
    verdict = lint(dialect.graph)
    said = ", ".join(dict.fromkeys(f.id for f in verdict.errors)) or "no errors"
    for capability in dialect.capabilities:
        head = f"| {key} | {dialect.name} | {capability} | {said} |"
        try:
            made = build(
                dialect.graph, flavour="tensorrt-rtx", compute_capability=capability, timeout_s=900
            )
        except EngineBuildFailed as error:
            refused = "misread" if "half of the range" in str(error) else "refused"
            yield f"{head} {refused} | | | |", bool(verdict.errors)
            continue
        report = made.report
        missing = report.not_int8(dialect.int8)
        counts = ", ".join(f"{n} {p}" for p, n in sorted(report.by_precision.items()))
        floats = sum(n for p, n in report.by_precision.items() if p != "int8")
        good = not verdict.errors and not missing and bool(report.layers)
        good &= not dialect.int8 or floats <= verdict.weighted - len(dialect.int8)
        expected = f"{len(dialect.int8) - len(missing)} of {len(dialect.int8)}"
        yield (
            f"{head} built | {counts} | {expected if dialect.int8 else ''} "
            f"| {report.engine_bytes / 1e6:.1f} |",
            good,
        )


def main() -> int:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description="Build the networks for RTX GPUs, without one.")
    parser.add_argument("--only", nargs="+", default=list(FAMILIES), choices=list(FAMILIES))
    parser.add_argument("--side", type=int, help="input size in place of each network's own")
    args = parser.parse_args()
    sys.path.insert(0, str(HERE))
    print("| network | graph | GPU | lint | TensorRT-RTX | layers | meant in int8, are | MB |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    bad = 0
    for key in args.only:
        for dialect in dialects(FAMILIES[key], args.side):
            for line, good in judged(key, dialect):
                print(line if good else f"{line} <- WRONG", flush=True)
                bad += not good
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
