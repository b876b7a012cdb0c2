"""One sentence on the machine and the versions that a table comes from."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final

from sonoedge_bench.machine.identity import machine

# What the peers compute with, beside the packages that `sonoedge bench` names.
PACKAGES: Final = (
    "torch",
    "monai",
    "openvino-model-api",
    "executorch",
    "litert-torch",
    "ai-edge-quantizer",
    "ncnn",
)


def machine_line() -> str:
    """Processor, cores, instructions, Python and versions; what is not installed is left out."""
    here = machine()
    versions = here.packages | {name: _version(name) for name in PACKAGES}
    known = ", ".join(f"{name} {number}" for name, number in versions.items() if number)
    has = " ".join(here.instructions) or "instructions unknown"
    return (
        f"{here.cpu or 'Processor unknown'} ({has}), {here.cores} cores, "
        f"Python {here.python}; {known}."
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
