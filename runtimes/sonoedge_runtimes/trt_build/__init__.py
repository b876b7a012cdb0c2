"""From an ONNX graph to a TensorRT engine, in a process of its own; standard library only."""

from sonoedge_runtimes.trt_build.build import build
from sonoedge_runtimes.trt_build.report import BuildReport, BuildResult, Flavour, Layer

__all__ = ["BuildReport", "BuildResult", "Flavour", "Layer", "build"]
