"""The real driver and libcudart, where there is a GPU: memory, a stream, a recorded graph."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator

import pytest

from sonoedge.device.gpu import Gpu, gpu, probe_gpu
from sonoedge.errors import EngineFailed
from sonoedge_runtimes.cuda import Cuda

SIZE = 640 * 480


@pytest.fixture(scope="module")
def found() -> Gpu:
    said = probe_gpu()
    if isinstance(said, str):
        pytest.skip(f"needs an NVIDIA GPU: {said}")
    return said


@pytest.fixture
def cuda(found: Gpu) -> Iterator[Cuda]:
    taken = Cuda(found.cuda)
    yield taken
    taken.close()


def test_the_gpu_is_the_same_whoever_asks(found: Gpu) -> None:
    assert gpu() == found
    assert found.memory_bytes > 1 << 28


def test_a_frame_comes_back_as_it_went_step_by_step_and_as_a_graph(cuda: Cuda) -> None:
    stream = cuda.stream()
    device, there, back = (
        cuda.device_memory(SIZE),
        cuda.pinned_memory(SIZE),
        cuda.pinned_memory(SIZE),
    )

    def work() -> None:
        cuda.to_device(device, there, SIZE, stream)
        cuda.to_host(back, device, SIZE, stream)

    def sent() -> bytes:
        data = os.urandom(SIZE)
        ctypes.memmove(there, data, SIZE)
        return data

    data = sent()
    work()
    cuda.wait(stream)
    assert ctypes.string_at(back, SIZE) == data
    graph = cuda.capture(stream, work)
    for _ in range(3):
        data = sent()
        cuda.launch(graph, stream)
        cuda.wait(stream)
        assert ctypes.string_at(back, SIZE) == data


def test_a_stream_is_usable_after_a_recording_that_failed(cuda: Cuda) -> None:
    stream = cuda.stream()
    with pytest.raises(EngineFailed):
        cuda.capture(stream, lambda: cuda.wait(stream))  # waiting cannot be recorded
    cuda.check()
    cuda.wait(stream)


def test_more_memory_than_there_is_ends_in_our_error(cuda: Cuda, found: Gpu) -> None:
    with pytest.raises(EngineFailed, match="free GPU memory"):
        cuda.device_memory(found.memory_bytes * 8)
    cuda.device_memory(SIZE)
