"""A verb's heavy packages: imported after its arguments were read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sonoedge.errors import MissingDependency
from sonoedge.install import install_command


@contextlib.contextmanager
def packages(*extras: str) -> Iterator[None]:
    """Import what a verb needs; a package that is not there is named with its command.

    Args:
        extras: the optional dependencies that hold the packages.

    Raises:
        MissingDependency: a package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "sonoedge").startswith("sonoedge"):
            raise  # a misspelt module of ours is a fault, not a missing package
        raise MissingDependency(
            f"{error.name} is not installed; run: {install_command(*extras)}"
        ) from error
