"""Which TensorRT is installed, and versions of it that are known not to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final

# runtime: distributions whose version is TensorRT's; apt's python3-libnvinfer brings the
# first one
DISTRIBUTIONS: Final = {
    "tensorrt": ("tensorrt", "tensorrt-cu12-bindings", "tensorrt-cu13-bindings"),
    "tensorrt-rtx": ("tensorrt-rtx", "tensorrt-rtx-cu13-bindings", "tensorrt-rtx-cu12-bindings"),
}
OLDEST = (10, 3)
NEWEST_MAJOR = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is known of a combination.

    Attributes:
        stops: nothing is built; otherwise it is only said.
        text: what it is and what to do.
    """

    stops: bool
    text: str


def installed(runtime: str) -> str | None:
    """TensorRT's version, or None where this kind of it is not installed; nothing is loaded."""
    for name in DISTRIBUTIONS[runtime]:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None


def problems(
    runtime: str, number: str, *, compute_capability: str | None, l4t: str | None
) -> list[Problem]:
    """What is known of a TensorRT on a GPU.

    Args:
        runtime: "tensorrt" or "tensorrt-rtx".
        number: TensorRT's version, such as "10.3.0".
        l4t: version of L4T on a Jetson.
    """
    if runtime == "tensorrt-rtx":
        if compute_capability == "8.7":
            return [
                Problem(
                    stops=True,
                    text="TensorRT-RTX has no kernels for compute capability 8.7 (Jetson Orin); "
                    "use --runtime tensorrt",
                )
            ]
        return []
    parts = parsed(number)
    if not parts:
        return [Problem(stops=False, text=f"TensorRT's version {number!r} cannot be read")]
    if parts < OLDEST:
        return [Problem(stops=True, text=f"TensorRT {number} is too old; 10.3 or newer is needed")]
    match = []
    if l4t is not None and (11,) <= parts < (11, 4, 1):
        match.append(
            Problem(
                stops=True,
                text=f"TensorRT {number} does not support JetPack; NVIDIA names 11.4.1 with "
                "JetPack 7.2.2 as the first that does; use the TensorRT of your JetPack",
            )
        )
    if parts[0] > NEWEST_MAJOR:
        match.append(
            Problem(
                stops=False,
                text=f"TensorRT {number} is newer than any that was looked at (10.3 to 11.4)",
            )
        )
    return match


def parsed(version: str) -> tuple[int, ...]:
    """The numbers at the beginning of a version; empty where there are none."""
    match = re.match(r"\d+(\.\d+)*", version)
    return () if match is None else tuple(int(n) for n in match[0].split("."))
