"""What an engine may run on, and how a frame gets there: what is built, and what is not.

A place for each that is not: it is refused by name, and nothing else is done in its stead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sonoedge.errors import InvalidSettings, RuntimeUnavailable

# device: why no engine is built for it; empty where one is
DEVICES: Final = {
    "gpu": "",
    # What it takes: IBuilderConfig.default_device_type and DLA_core with GPU_FALLBACK in
    # trt_build/compile.py, Runtime.DLA_core in trt.py, and an int8 dialect of its own in
    # export (DLA takes no Q/DQ graph as a GPU does).
    "dla": "engines for the deep learning accelerator (DLA) of a Jetson are not built yet; "
    "use the GPU",
}

# memory that frames and answers pass through: why it is not used; empty where it is
MEMORY: Final = {
    "pinned": "",
    # What it takes: Cuda.pinned_memory with cudaHostAllocMapped and cudaHostGetDevicePointer,
    # and no copies in TensorRt._enqueue; worth it only where a Jetson shows that it is faster.
    "mapped": "memory that CPU and GPU of a Jetson share (zero copy) is not used yet; use pinned",
}


def check_device(name: str) -> None:
    """Pass where engines are built for it; raises as `_check`."""
    _check(DEVICES, name)


def check_memory(name: str) -> None:
    """Pass where frames go through such memory; raises as `_check`."""
    _check(MEMORY, name)


def _check(table: Mapping[str, str], name: str) -> None:
    """Pass where the table has the name and nothing against it.

    Raises:
        RuntimeUnavailable: it is known and not built.
        InvalidSettings: nobody knows it.
    """
    if name not in table:
        raise InvalidSettings(f"{name!r} is none of {', '.join(table)}")
    if table[name]:
        raise RuntimeUnavailable(table[name])
