"""One scale per activation tensor, from calibration frames: the least squared error.

The largest value seldom is the best end of the scale: one outlier would coarsen every
step. Candidates from a quarter of the largest value up are tried on the histogram of what
the calibration frames gave, and the one with the smallest squared error is taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort

from sonoedge.device.cpu import usable_threads
from sonoedge.errors import InvalidData

Frame: TypeAlias = npt.NDArray[np.uint8]

BINS: Final = 2048
LEVELS: Final = 127
CANDIDATES: Final = np.linspace(0.25, 1.0, 97)


def activation_scales(
    graph: bytes, tensors: Collection[str], frames: Sequence[Frame]
) -> dict[str, float]:
    """Scale of each tensor: its value is scale times the int8 level.

    Raises:
        InvalidData: there are no frames, or one gives a value that is no number.
    """
    largest = largest_values(graph, tensors, frames)
    counts = {n: np.zeros(BINS, dtype=np.int64) for n in largest}
    for values in values_of(graph, list(largest), frames):
        for name, value in values.items():
            if largest[name] > 0:
                bins_of = (np.abs(value.ravel()) * (BINS / largest[name])).astype(np.int64)
                counts[name] += np.bincount(bins_of.clip(max=BINS - 1), minlength=BINS)
    return {n: best_scale(counts[n], largest[n]) for n in largest}


def largest_values(
    graph: bytes, tensors: Collection[str], frames: Sequence[Frame]
) -> dict[str, float]:
    """Largest absolute value of each float tensor over all frames.

    Raises:
        InvalidData: there are no frames, or one gives a value that is no number.
    """
    if not frames:
        raise InvalidData("there are no calibration frames")
    largest: dict[str, float] = {}
    for values in values_of(graph, sorted(set(tensors)), frames):
        for name, value in values.items():
            if value.dtype == np.float32:
                largest[name] = max(largest.get(name, 0.0), float(np.abs(value).max()))
    for name, maximum in largest.items():
        if not np.isfinite(maximum):
            raise InvalidData(f"a calibration frame gives {name} a value that is no number")
    return largest


def values_of(
    graph: bytes, names: Sequence[str], frames: Sequence[Frame]
) -> Iterator[dict[str, npt.NDArray[np.float32]]]:
    """The tensors' values, frame by frame; nothing is optimised away.

    Yields:
        a value by tensor's name for each frame.
    """
    model = onnx.load_from_string(graph)
    input_name = model.graph.input[0].name
    present = {input_name, *(o.name for o in model.graph.output)}
    model.graph.output.extend(onnx.ValueInfoProto(name=n) for n in names if n not in present)
    options = ort.SessionOptions()
    options.intra_op_num_threads = usable_threads()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    for frame in frames:
        yield dict(zip(names, session.run(names, {input_name: frame}), strict=True))


def best_scale(counts: npt.NDArray[np.int64], largest: float) -> float:
    """The scale of least squared error.

    Args:
        counts: histogram of absolute values over [0, largest], int64 (N,).
        largest: 0 for a tensor that is zero throughout; its scale is then 1.
    """
    if largest <= 0:
        return 1.0
    bins = len(counts)
    values = (np.arange(bins) + 0.5) * (largest / bins)
    scales = CANDIDATES * largest / LEVELS
    levels = np.rint(values / scales[:, None]).clip(max=LEVELS)
    errors = ((levels * scales[:, None] - values) ** 2) @ counts
    return float(scales[int(np.argmin(errors))])
