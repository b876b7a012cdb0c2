"""OpenVINO's int8: NNCF on OpenVINO's own model, as XML and weights."""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import logging
import sys
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from sonoedge.engines.openvino_graph import separate_shared_matrices
from sonoedge.errors import InvalidNetwork, MissingDependency
from sonoedge_export.quantize.layers import check
from sonoedge_export.quantize.quantized import Quantized


def quantize_ov(
    graph: bytes,
    tensors: Sequence[npt.NDArray[np.uint8]],
    *,
    keep_float: Collection[str] = (),
    reduce_range: bool = False,
) -> Quantized:
    """Quantize a float graph for OpenVINO's CPU plugin.

    Args:
        graph: as `prepared` gives it.
        tensors: calibration frames as the engine gets them, uint8 [1, 1, H, W].
        keep_float: names of layers that stay in float.
        reduce_range: weights use half of their range, against overflow.

    Raises:
        InvalidNetwork: the quantizer cannot take the graph.
        InvalidSettings: keep_float names no layer.
        MissingDependency: NNCF or OpenVINO is not installed.
    """
    check(onnx.load_from_string(graph), keep_float)
    nncf, ov = _load("nncf"), _load("openvino")
    nncf.set_log_level(logging.ERROR)
    float_names = {f"{name}{end}" for name in keep_float for end in ("", "/WithoutBiases")}
    try:
        model = separate_shared_matrices(ov, _core().read_model(graph))
        ignored = [
            n for n in (op.get_friendly_name() for op in model.get_ops()) if n in float_names
        ]
        with contextlib.redirect_stdout(io.StringIO()):
            quantized_model = nncf.quantize(
                model,
                nncf.Dataset(tensors),
                subset_size=len(tensors),
                preset=nncf.QuantizationPreset.MIXED,
                ignored_scope=nncf.IgnoredScope(names=ignored) if ignored else None,
                advanced_parameters=_parameters(nncf, reduce_range),
            )
        _rename(quantized_model, graph)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "model.xml"
            ov.save_model(quantized_model, file, compress_to_fp16=False)
            files = file.read_bytes(), file.with_suffix(".bin").read_bytes()
    except (RuntimeError, ValueError, TypeError) as error:
        raise InvalidNetwork(f"NNCF cannot quantize the network: {str(error)[:300]}") from error
    return Quantized(
        model=files[0],
        weights=files[1],
        kept_float=tuple(keep_float),
        metadata={
            "method": "minmax",
            "kept_float": list(keep_float),
            "reduce_range": reduce_range,
        },
    )


def _parameters(nncf: Any, reduce_range: bool) -> Any:
    """Whole ranges; whole weights, or half of them.

    By itself NNCF halves the range of the first layers' weights for processors whose 8-bit
    products overflow. Here it is all layers or none: see docs/how-to/quantization.md.
    """
    estimators = importlib.import_module("nncf.quantization.range_estimator")
    advanced = importlib.import_module("nncf.quantization.advanced_parameters")
    return nncf.AdvancedQuantizationParameters(
        activations_range_estimator_params=estimators.RangeEstimatorParametersSet.MINMAX,
        overflow_fix=advanced.OverflowFix["ENABLE" if reduce_range else "DISABLE"],
        disable_bias_correction=True,
    )


def _rename(model: Any, graph: bytes) -> None:
    """Names that count up through the process become names by place, the same every time."""
    node_names = {n.name for n in onnx.load_from_string(graph).graph.node}
    for number, op in enumerate(model.get_ordered_ops()):
        name = op.get_friendly_name()
        from_graph = name.partition("/")[0] in node_names
        if not from_graph and op.get_type_name() not in ("Parameter", "Result"):
            op.set_friendly_name(f"{op.get_type_name()}_{number}")


def _load(package: str) -> Any:
    """Import a package of OpenVINO's family while its telemetry's module cannot be found."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingDependency(
            f"{package} is not installed; run: pip install 'sonoedge[openvino,compress]'"
        ) from error


@functools.cache
def _core() -> Any:
    return _load("openvino").Core()
