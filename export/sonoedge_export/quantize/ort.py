"""ONNX Runtime's int8: its own static quantizer, uint8 activations, int8 weights per channel."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx

from sonoedge.errors import InvalidNetwork
from sonoedge_export.onnx_graph import WEIGHTED, clean, to_bytes
from sonoedge_export.quantize.layers import float_nodes, rounds
from sonoedge_export.quantize.quantized import Quantized
from sonoedge_export.quantize.separate import rejoined, separate_ends, separate_weights
from sonoedge_export.recipe.calibration import Calibration
from sonoedge_export.recipe.quantize import Form

METHODS: Final = {"minmax": "MinMax", "percentile": "Percentile", "entropy": "Entropy"}
FORMS: Final = {"qdq": "QDQ", "qoperator": "QOperator"}


def quantize_ort(
    graph: bytes,
    tensors: Sequence[npt.NDArray[np.uint8]],
    settings: Calibration,
    *,
    form: Form = "qdq",
    keep_float: Collection[str] = (),
    reduce_range: bool = False,
    round_layers: bool | None = None,
) -> Quantized:
    """Quantize a float graph for ONNX Runtime's CPU provider.

    Args:
        graph: as `prepared` gives it.
        tensors: calibration frames as the engine gets them, uint8 [1, 1, H, W].
        form: "qdq" writes pairs of quantize and dequantize nodes around float operators,
            "qoperator" integer operators.
        keep_float: names of layers that stay in float.
        reduce_range: weights use half of their range, against overflow.
        round_layers: a quantized layer's output is rounded whoever reads it; None does so
            where `rounds` says that it may be.

    Raises:
        InvalidNetwork: the quantizer cannot take the graph.
        InvalidSettings: keep_float names no layer.
    """
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    model = onnx.load_from_string(graph)
    separate_weights(model)
    float_names = float_nodes(model, keep_float)
    separate_ends(model, float_names)
    # A layer whose output is not rounded computes in float. Where it must be exact, it is rounded
    # only where a quantized layer reads it: so logits stay float, and a layer kept in float
    # really gets float.
    rounded = rounds(model, keep_float) if round_layers is None else round_layers
    exact = [] if rounded else list(WEIGHTED)
    options: dict[str, Any] = {"OpTypesToExcludeOutputQuantization": exact}
    if settings.method == "percentile":
        options["CalibPercentile"] = settings.percentile
    with tempfile.TemporaryDirectory() as folder, _quiet():
        out = Path(folder) / "quantized.onnx"
        try:
            quantize_static(
                model,
                out,
                _reader(model.graph.input[0].name, tensors),
                quant_format=QuantFormat[FORMS[form]],
                per_channel=True,
                reduce_range=reduce_range,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                nodes_to_exclude=float_names,
                calibrate_method=getattr(CalibrationMethod, METHODS[settings.method]),
                extra_options=options,
            )
        except (RuntimeError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise InvalidNetwork(
                f"ONNX Runtime cannot quantize the network: {str(error)[:300]}"
            ) from error
        result = clean(rejoined(onnx.load(out)))
    return Quantized(
        model=to_bytes(result),
        kept_float=tuple(keep_float),
        metadata={
            "form": form,
            "method": settings.method,
            "kept_float": list(keep_float),
            "reduce_range": reduce_range,
        },
    )


def _reader(name: str, tensors: Sequence[npt.NDArray[np.uint8]]) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """Frame after frame, then None."""

        def __init__(self) -> None:
            self._left = iter(tensors)

        def get_next(self) -> dict[str, npt.NDArray[np.uint8]] | None:
            frame = next(self._left, None)
            return None if frame is None else {name: frame}

    return Reader()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The quantizer prints, and advises at every call what `prepared` has done."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        root.setLevel(level)
