"""From an ONNX graph to a TensorRT engine, in a process of its own; standard library only."""

from sonoedge_runtimes.trt_build.build import build
from sonoedge_runtimes.trt_build.report import BuildReport, Built, Flavour, Layer

__all__ = ["BuildReport", "Built", "Flavour", "Layer", "build"]
