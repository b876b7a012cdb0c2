"""TensorRT's own words for the usual failures, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# part of a message: what it means and what to do
MEANINGS: Final = (
    ("OutOfMemory", "not enough memory for a tactic; give a larger workspace, or stop other users"),
    ("CUDA initialization failure", "no usable NVIDIA driver or GPU; see sonoedge doctor"),
    ("CUDA driver version is insufficient", "the NVIDIA driver is too old for this TensorRT"),
    ("libnvinfer_lean", "version-compatible engines are not to be had here"),
    ("Could not find any implementation", "no kernel for a layer in this precision on this GPU"),
)


def explain(errors: Sequence[str]) -> str:
    """What is known of a failure, and the last message as it stands."""
    if not errors:
        return "it gave no reason"
    messages = "\n".join(errors)
    meaning = next((m for part, m in MEANINGS if part in messages), None)
    last = errors[-1].strip()[:600]
    return last if meaning is None else f"{meaning} ({last})"
