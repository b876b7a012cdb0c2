"""The little of CUDA's runtime library that an engine needs, through ctypes.

Nothing has to be installed for it: JetPack and every CUDA installation bring libcudart.
Memory on the host is pinned, work goes to one non-blocking stream, and everything that
was taken is given back in reverse order.

Not here: DLA, and zero-copy memory of integrated GPUs (`cudaHostAllocMapped`); their place
is trt_devices.py.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable
from contextlib import ExitStack
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint, c_ulonglong, c_void_p
from typing import Any, Final

from sonoedge.device.gpu import cuda_version
from sonoedge.errors import EngineFailed, EngineLost, RuntimeUnavailable

log = logging.getLogger("sonoedge.cuda")

# JetPack 7 and CUDA 13 bring .13, JetPack 6 and CUDA 12 bring .12. Older ones differ:
# cudaGraphInstantiate has the three arguments used here from CUDA 12 on. The newest first.
LIBRARIES: Final = {13: "libcudart.so.13", 12: "libcudart.so.12"}

FUNCTIONS: Final[dict[str, tuple[Any, ...]]] = {
    "cudaRuntimeGetVersion": (POINTER(c_int),),
    "cudaMalloc": (POINTER(c_void_p), c_size_t),
    "cudaFree": (c_void_p,),
    "cudaHostAlloc": (POINTER(c_void_p), c_size_t, c_uint),
    "cudaFreeHost": (c_void_p,),
    "cudaMemcpyAsync": (c_void_p, c_void_p, c_size_t, c_int, c_void_p),
    "cudaStreamCreateWithFlags": (POINTER(c_void_p), c_uint),
    "cudaStreamSynchronize": (c_void_p,),
    "cudaStreamDestroy": (c_void_p,),
    "cudaStreamBeginCapture": (c_void_p, c_int),
    "cudaStreamEndCapture": (c_void_p, POINTER(c_void_p)),
    "cudaGraphInstantiate": (POINTER(c_void_p), c_void_p, c_ulonglong),
    "cudaGraphLaunch": (c_void_p, c_void_p),
    "cudaGraphDestroy": (c_void_p,),
    "cudaGraphExecDestroy": (c_void_p,),
    "cudaGetLastError": (),
}

NON_BLOCKING: Final = 1  # cudaStreamNonBlocking: never waits for the default stream
THREAD_LOCAL: Final = 1  # cudaStreamCaptureModeThreadLocal: other threads may go on
TO_DEVICE, TO_HOST = 1, 2  # cudaMemcpyKind

OUT_OF_MEMORY: Final = 2
# No driver, no GPU, or one that nobody may use: nothing that a restart would cure.
UNAVAILABLE: Final = frozenset({34, 35, 46, 100, 101, 803, 804})
# "To continue using CUDA, the process must be terminated and relaunched" (CUDA Runtime
# API, cudaError_t), and what leaves a context in no known state: uncorrectable memory
# and link errors (214, 220), a destroyed context (709), and the unknown (999).
LOST: Final = frozenset(
    {214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 810, 911, 999}
)


class Cuda:
    """CUDA's runtime library, and whatever was taken through it.

    Calls come from one thread at a time.

    Args:
        driver_cuda: newest CUDA that the driver serves, such as "12.6": a library that
            is newer than that is the last one tried.

    Raises (each method):
        EngineLost: the context is gone; only a new process can use the GPU again.
        RuntimeUnavailable: there is no GPU to use.
        EngineFailed: anything else that CUDA answers.
    """

    def __init__(self, driver_cuda: str = "13.0") -> None:
        self._library = _load(int(driver_cuda.partition(".")[0]))
        self._owned = ExitStack()

    @property
    def version(self) -> str:
        """The library's version, such as "12.6"."""
        number = c_int()
        self._call("cudaRuntimeGetVersion", ctypes.byref(number))
        return cuda_version(number.value)

    def stream(self) -> int:
        """A non-blocking stream."""
        handle = c_void_p()
        self._call("cudaStreamCreateWithFlags", ctypes.byref(handle), NON_BLOCKING)
        return self._own("cudaStreamDestroy", handle)

    def device_memory(self, size: int) -> int:
        """Address of `size` bytes on the GPU."""
        address = c_void_p()
        self._call("cudaMalloc", ctypes.byref(address), size)
        return self._own("cudaFree", address)

    def pinned_memory(self, size: int) -> int:
        """Address of `size` bytes on the host that the GPU copies from and to directly."""
        address = c_void_p()
        self._call("cudaHostAlloc", ctypes.byref(address), size, 0)
        return self._own("cudaFreeHost", address)

    def to_device(self, device: int, pinned: int, size: int, stream: int) -> None:
        """Begin to copy `size` bytes to the GPU."""
        self._call("cudaMemcpyAsync", device, pinned, size, TO_DEVICE, stream)

    def to_host(self, pinned: int, device: int, size: int, stream: int) -> None:
        """Begin to copy `size` bytes to the host."""
        self._call("cudaMemcpyAsync", pinned, device, size, TO_HOST, stream)

    def wait(self, stream: int) -> None:
        """Wait for all work on a stream."""
        self._call("cudaStreamSynchronize", stream)

    def capture(self, stream: int, work: Callable[[], None]) -> int:
        """Record what `work` puts on a stream, as a graph that `launch` repeats.

        The stream is usable again whether or not recording succeeds. `work` must have
        run once before: what is set up lazily cannot be recorded.
        """
        graph, executable = c_void_p(), c_void_p()
        self._call("cudaStreamBeginCapture", stream, THREAD_LOCAL)
        try:
            work()
        except BaseException:
            self._library.cudaStreamEndCapture(stream, ctypes.byref(graph))
            if graph.value:
                self._library.cudaGraphDestroy(graph)
            self._library.cudaGetLastError()  # or a later call would find this error
            raise
        try:
            self._call("cudaStreamEndCapture", stream, ctypes.byref(graph))
            self._call("cudaGraphInstantiate", ctypes.byref(executable), graph, 0)
        finally:
            if graph.value:
                self._library.cudaGraphDestroy(graph)
        return self._own("cudaGraphExecDestroy", executable)

    def launch(self, graph: int, stream: int) -> None:
        """Put a recorded graph on a stream."""
        self._call("cudaGraphLaunch", graph, stream)

    def check(self) -> None:
        """Raise the error that an earlier call of anybody in this thread has left, if any."""
        self._call("cudaGetLastError")

    def give_back_later(self, callback: Callable[[], object]) -> None:
        """Call this when everything taken after it has been given back."""
        self._owned.callback(callback)

    def close(self) -> None:
        """Give everything back, last taken first; closing twice is harmless."""
        self._owned.close()

    def _own(self, give_back: str, handle: c_void_p) -> int:
        value = handle.value or 0
        self._owned.callback(self._give_back, give_back, value)
        return value

    def _give_back(self, name: str, handle: int) -> None:
        code = getattr(self._library, name)(handle)
        if code:  # a lost context refuses this as well: its memory goes with the process
            log.warning("%s: %s", name, self._words(code))

    def _call(self, name: str, *args: object) -> None:
        code = getattr(self._library, name)(*args)
        if code == 0:
            return
        self._library.cudaGetLastError()  # taken note of: a later call must not find it
        message = f"{name}: {self._words(code)}"
        if code in LOST:
            raise EngineLost(f"{message}; this process cannot use the GPU any more: restart it")
        if code in UNAVAILABLE:
            raise RuntimeUnavailable(f"{message}; run sonoedge doctor")
        if code == OUT_OF_MEMORY:
            raise EngineFailed(f"{message}; free GPU memory, or choose a smaller engine")
        raise EngineFailed(message)

    def _words(self, code: int) -> str:
        text = self._library.cudaGetErrorString(code)
        return f"{text.decode(errors='replace') if text else 'unknown'} ({code})"


def _load(newest: int) -> ctypes.CDLL:
    names = [LIBRARIES[n] for n in sorted(LIBRARIES, key=lambda n: (n > newest, -n))]
    for name in names:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        for function, arguments in FUNCTIONS.items():
            getattr(library, function).argtypes = arguments
            getattr(library, function).restype = c_int
        library.cudaGetErrorString.argtypes = (c_int,)
        library.cudaGetErrorString.restype = c_char_p
        return library
    raise RuntimeUnavailable(
        f"CUDA's runtime library is not here (tried {', '.join(names)}); it comes with "
        "JetPack and with the CUDA toolkit: look at the linker's path"
    )
