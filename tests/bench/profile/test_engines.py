from __future__ import annotations

import pytest

from sonoedge.errors import MissingDependency, RuntimeUnavailable
from sonoedge.runtime import RUNTIMES
from sonoedge_bench.profile.engines import PROFILED, profiled_class


@pytest.mark.parametrize("runtime", PROFILED)
def test_every_entry_names_a_class_of_a_known_runtime(runtime: str) -> None:
    assert runtime in RUNTIMES
    try:
        assert hasattr(profiled_class(runtime), "layer_times")
    except MissingDependency:
        pytest.skip(f"needs {runtime}")


def test_a_runtime_that_cannot_be_profiled_says_what_can() -> None:
    with pytest.raises(RuntimeUnavailable, match=r"onnxruntime, openvino.*trtexec"):
        profiled_class("tensorrt")
