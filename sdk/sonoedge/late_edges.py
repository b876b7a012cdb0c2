"""What is imported late or started as a process of its own, by its name in a string.

Late, because it needs an engine, or lives in a package that the device side does not
import. Runtimes stand in `sonoedge.runtime`, verbs in `sonoedge.cli`; everything else is
here. A test resolves every entry, and finds names in strings anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LATE_EDGES: Final[Mapping[str, str]] = {
    # Imported.
    "test doubles": "sonoedge_runtimes.testing:TEST_DOUBLES",
    "tensorrt fingerprint": "sonoedge_runtimes.trt:fingerprint",
    "tensorrt builder": "sonoedge_runtimes.trt_build:build",
    "tensorrt devices": "sonoedge_runtimes.trt_devices:check_device",
    "profiled onnxruntime": "sonoedge_runtimes.profiling.ort:ProfiledOnnxRuntime",
    "profiled openvino": "sonoedge_runtimes.profiling.ov:ProfiledOpenVino",
    # Started by `sonoedge.child_process`.
    "session worker": "sonoedge.session.worker.main:main",
    "cast library": "sonoedge.sources.clarius_cast:cast",
    "store self-test": "sonoedge.store.health.child:main",
    "tensorrt build child": "sonoedge_runtimes.trt_build.child:main",
    "archive item": "sonoedge.archive.child:main",
    "gpu probe": "sonoedge.device.gpu:print_probe",
    "busy process": "sonoedge_bench.modes.beside:main",
    # Started as `python -m`.
    "cold start": "sonoedge_bench.modes.cold_start:main",
}
