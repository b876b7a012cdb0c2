"""TensorRT's Python module, found by the flavour's name."""

from __future__ import annotations

import importlib
from typing import Any, Final

from sonoedge.errors import MissingDependency
from sonoedge.install import install_command

# flavour: the modules that may hold it, the first that is there is taken
MODULES: Final = {
    "tensorrt": ("tensorrt",),
    "tensorrt-rtx": ("tensorrt_rtx", "tensorrt_rtx_bindings"),
}
INSTALL: Final = {
    "tensorrt": (
        "on a Jetson run: sudo apt install python3-libnvinfer, and make the environment with "
        "--system-site-packages; elsewhere install the tensorrt wheel that fits the driver"
    ),
    "tensorrt-rtx": f"run: {install_command('tensorrt-rtx')}",
}


def load_tensorrt(flavour: str) -> Any:
    """The module of a flavour.

    Raises:
        MissingDependency: it is not installed, or its libraries cannot be loaded.
    """
    for name in MODULES[flavour]:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise MissingDependency(
                    f"{name} needs {error.name}, which is not installed"
                ) from error
        except (ImportError, OSError) as error:
            raise MissingDependency(
                f"{name} is installed, its libraries cannot be loaded: {str(error)[:200]}; "
                f"{INSTALL[flavour]}"
            ) from error
    raise MissingDependency(f"{flavour} is not installed; {INSTALL[flavour]}")
