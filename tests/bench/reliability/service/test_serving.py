from __future__ import annotations

import os
from pathlib import Path

import pytest

from sonoedge_bench.reliability.drive import wait_until
from sonoedge_bench.reliability.processes import alive, children
from sonoedge_bench.reliability.service.serving import serving

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)


def test_a_service_has_a_socket_and_a_worker_and_none_is_left(
    repository: Path, tmp_path: Path
) -> None:
    with serving(repository / "tests/data/tiny", "onnxruntime", tmp_path / "so.sock") as service:
        assert wait_until((tmp_path / "so.sock").is_socket, 60)
        assert wait_until(lambda: children(service.pid), 60)
        workers = children(service.pid)
    assert not alive(service.pid)
    assert wait_until(lambda: not any(alive(worker) for worker in workers))
