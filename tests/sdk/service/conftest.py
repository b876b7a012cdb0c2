"""Services in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from local_service import MakeService, Service, local_service


@pytest.fixture(scope="module")
def make_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeService]:
    """Starts services, and ends them after the module's tests."""
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    with ExitStack() as stack:

        def make(**settings: object) -> Service:
            path = tmp_path_factory.mktemp("service") / "sonoedge.sock"
            return stack.enter_context(local_service(path, **settings))  # type: ignore[arg-type]

        yield make


@pytest.fixture(scope="module")
def service(make_service: MakeService) -> Service:
    """One service for the module."""
    return make_service()
