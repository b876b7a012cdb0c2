from __future__ import annotations

import ctypes
import re
from pathlib import Path
from typing import Any

import pytest

from sonoedge.device import gpu
from sonoedge.errors import EngineFailed, EngineLost, RuntimeUnavailable
from sonoedge_runtimes import cuda as ours
from sonoedge_runtimes.cuda import FUNCTIONS, LOST, UNAVAILABLE, Cuda


def test_what_goes_to_the_gpu_comes_back_after_waiting_and_not_before(cuda: Any) -> None:
    with_cuda = Cuda()
    stream = with_cuda.stream()
    device, out, back = (
        with_cuda.device_memory(4),
        with_cuda.pinned_memory(4),
        with_cuda.pinned_memory(4),
    )
    ctypes.memmove(out, b"abcd", 4)
    with_cuda.to_device(device, out, 4, stream)
    with_cuda.to_host(back, device, 4, stream)
    assert ctypes.string_at(back, 4) != b"abcd"
    with_cuda.wait(stream)
    assert ctypes.string_at(back, 4) == b"abcd"
    with_cuda.close()


def test_everything_is_given_back_last_taken_first(cuda: Any) -> None:
    with_cuda = Cuda()
    stream = with_cuda.stream()
    device, pinned = with_cuda.device_memory(8), with_cuda.pinned_memory(8)
    with_cuda.capture(stream, lambda: with_cuda.to_device(device, pinned, 8, stream))
    assert cuda.live() == 4  # the recorded graph itself is gone: only what launches it stays
    with_cuda.close()
    with_cuda.close()
    assert cuda.live() == 0
    assert cuda.calls()[-4:] == [
        "cudaGraphExecDestroy",
        "cudaFreeHost",
        "cudaFree",
        "cudaStreamDestroy",
    ]


def test_a_recorded_graph_repeats_its_work_on_what_is_there_then(cuda: Any) -> None:
    with_cuda = Cuda()
    stream = with_cuda.stream()
    device, there, back = (
        with_cuda.device_memory(2),
        with_cuda.pinned_memory(2),
        with_cuda.pinned_memory(2),
    )

    def work() -> None:
        with_cuda.to_device(device, there, 2, stream)
        with_cuda.to_host(back, device, 2, stream)

    graph = with_cuda.capture(stream, work)
    for said in (b"ab", b"cd"):
        ctypes.memmove(there, said, 2)
        with_cuda.launch(graph, stream)
        with_cuda.wait(stream)
        assert ctypes.string_at(back, 2) == said
    with_cuda.close()


@pytest.mark.parametrize(
    "step", ["cudaStreamBeginCapture", "cudaStreamEndCapture", "cudaGraphInstantiate"]
)
def test_a_refused_recording_leaves_the_stream_usable_and_nothing_behind(
    cuda: Any, step: str
) -> None:
    with_cuda = Cuda()
    stream = with_cuda.stream()
    device, pinned = with_cuda.device_memory(1), with_cuda.pinned_memory(1)
    cuda.fail(step, 801)
    with pytest.raises(EngineFailed, match=step):
        with_cuda.capture(stream, lambda: with_cuda.to_device(device, pinned, 1, stream))
    with_cuda.check()  # no error is left for a later call to find
    with_cuda.to_device(device, pinned, 1, stream)
    with_cuda.wait(stream)
    with_cuda.close()
    assert cuda.live() == 0


def test_work_that_fails_while_it_is_recorded_ends_the_recording(cuda: Any) -> None:
    with_cuda = Cuda()
    stream = with_cuda.stream()
    with pytest.raises(EngineFailed, match="cudaStreamSynchronize"):
        with_cuda.capture(stream, lambda: with_cuda.wait(stream))
    with_cuda.wait(stream)
    with_cuda.close()
    assert cuda.live() == 0


def test_a_copy_beyond_what_was_taken_is_an_error(cuda: Any) -> None:
    with_cuda = Cuda()
    stream = with_cuda.stream()
    device, pinned = with_cuda.device_memory(4), with_cuda.pinned_memory(8)
    with pytest.raises(EngineFailed, match="cudaMemcpyAsync"):
        with_cuda.to_device(device, pinned, 5, stream)
    with_cuda.close()


@pytest.mark.parametrize("code", sorted(LOST))
def test_an_error_after_which_the_process_must_end_is_told_as_that(cuda: Any, code: int) -> None:
    with_cuda = Cuda()
    stream = with_cuda.stream()
    cuda.fail("cudaStreamSynchronize", code, sticky=True)
    with pytest.raises(EngineLost, match="restart"):
        with_cuda.wait(stream)
    with pytest.raises(EngineLost):
        with_cuda.device_memory(1)
    with_cuda.close()  # what a lost context refuses to take back is logged, not raised


@pytest.mark.parametrize(
    ("code", "raised"), [(2, EngineFailed), (35, RuntimeUnavailable), (1, EngineFailed)]
)
def test_other_errors_are_no_loss(cuda: Any, code: int, raised: type[Exception]) -> None:
    with_cuda = Cuda()
    cuda.fail("cudaMalloc", code)
    with pytest.raises(raised) as caught:
        with_cuda.device_memory(1)
    assert not isinstance(caught.value, EngineLost)
    with_cuda.check()
    with_cuda.close()


def test_no_library_is_our_error_that_names_what_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "LIBRARIES", {12: "libcudart-that-is-not.so"})
    with pytest.raises(RuntimeUnavailable, match="libcudart-that-is-not"):
        Cuda()


@pytest.mark.parametrize(
    ("driver", "first"), [("12.6", 12), ("13.0", 13), ("14.1", 13), ("11.8", 13)]
)
def test_a_library_that_the_driver_cannot_serve_is_tried_last(
    monkeypatch: pytest.MonkeyPatch, driver: str, first: int
) -> None:
    tried = []

    def load(name: str) -> None:
        tried.append(name)
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", load)
    with pytest.raises(RuntimeUnavailable):
        Cuda(driver)
    assert tried[0] == f"libcudart.so.{first}"
    assert len(tried) == 2


def test_no_driver_and_no_gpu_are_our_errors(monkeypatch: pytest.MonkeyPatch, cuda: Any) -> None:
    monkeypatch.setenv("FAKE_GPU_COUNT", "0")
    with pytest.raises(RuntimeUnavailable, match="sees no GPU"):
        gpu.gpu()
    monkeypatch.setenv("FAKE_GPU_INIT", "999")
    with pytest.raises(RuntimeUnavailable, match="cuInit answers 999"):
        gpu.gpu()
    monkeypatch.setattr(gpu, "LIBCUDA", "libcuda-that-is-not.so")
    with pytest.raises(RuntimeUnavailable, match="no NVIDIA driver here"):
        gpu.gpu()


REAL = (
    *("libcudart.so.13", "libcudart.so.12"),
    *(str(p) for p in sorted(Path("/usr/local").glob("cuda*/lib*/libcudart.so.1[23]"))),
)


def real_library() -> ctypes.CDLL:
    for name in REAL:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    pytest.skip("NVIDIA's libcudart is not installed here")


def test_the_real_library_has_every_function_that_is_called() -> None:
    library = real_library()
    assert [name for name in FUNCTIONS if not hasattr(library, name)] == []


def test_the_real_library_without_a_gpu_ends_in_our_error(monkeypatch: pytest.MonkeyPatch) -> None:
    library = real_library()
    try:
        ctypes.CDLL(gpu.LIBCUDA)
    except OSError:
        pass
    else:
        pytest.skip("there is a driver here")
    monkeypatch.setattr(ours, "LIBRARIES", {13: library._name})
    with_cuda = Cuda()
    assert re.fullmatch(r"1[23]\.\d+", with_cuda.version)
    with pytest.raises(RuntimeUnavailable, match="cudaStreamCreateWithFlags"):
        with_cuda.stream()
    with_cuda.close()


def test_errors_that_end_a_process_are_those_of_nvidias_header() -> None:
    headers = sorted(Path("/usr/local").glob("cuda*/include/driver_types.h"))
    if not headers:
        pytest.skip("NVIDIA's headers are not installed here")
    text = headers[-1].read_text(errors="replace")
    entries = re.findall(r"/\*\*(.*?)\*/\s*(cudaError\w+)\s*=\s*(\d+)", text, re.DOTALL)
    told = {
        int(code)
        for words, _, code in entries
        if "terminated and relaunched" in re.sub(r"\s*\*\s*", " ", words)
    }
    assert len(told) >= 10
    assert told - LOST == set()
    assert {100, 35} <= UNAVAILABLE
    assert not LOST & UNAVAILABLE
