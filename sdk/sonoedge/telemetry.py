"""Engines that report on their users are told not to, before they are imported."""

from __future__ import annotations

import os
import sys
from typing import Final

# ONNX Runtime, from 1.32 on, writes a device id and a database below the home folder and looks
# its collector up, unless this is set when it is loaded; its own function to end that comes
# too late.
ENVIRONMENT: Final = {"ORT_DISABLE_TELEMETRY": "1"}
# OpenVINO's tools and NNCF call out through this module, in a child that they fork.
MODULE: Final = "openvino_telemetry"


def disable_telemetry() -> None:
    """Call it before an engine is imported.

    The environment of this process is changed, for engines that the host itself imports
    later and for its children. An engine that the host has imported before us has read its
    settings already: what it does is the host's choice.
    """
    os.environ.update(ENVIRONMENT)
    # None makes the import raise ImportError, which its users expect.
    sys.modules.setdefault(MODULE, None)  # type: ignore[arg-type]
