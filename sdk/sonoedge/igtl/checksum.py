"""The checksum of OpenIGTLink: CRC-64 of ECMA-182, not reflected, from 0."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sonoedge.errors import MissingDependency
from sonoedge.install import install_command


@cache
def crc64() -> Callable[[bytes], int]:
    """The function that sums bytes.

    Raises:
        MissingDependency: the extra `igtl` is not installed.
    """
    try:
        from fastcrc import crc64 as sums
    except ModuleNotFoundError:
        raise MissingDependency(
            f"OpenIGTLink needs the package fastcrc: {install_command('igtl')}"
        ) from None
    ecma_182: Callable[[bytes], int] = sums.ecma_182
    return ecma_182
