"""A GPU that is none: stand-ins for libcuda, libcudart and TensorRT, and what they saw."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

FAKE_GPU = Path(__file__).parent.parent / "fake_gpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeCuda:
    """What the stand-in for libcudart saw, and how to make it fail."""

    library: ctypes.CDLL

    def fail(self, name: str, code: int, *, after: int = 0, sticky: bool = False) -> None:
        """The call of this name fails, after so many more that do not."""
        self.library.fake_fail(name.encode(), after, code, int(sticky))

    def calls(self) -> list[str]:
        """Every call so far, in order."""
        return str(ctypes.string_at(self.library.fake_calls()).decode()).split()

    def live(self) -> int:
        """How many things were taken and not given back."""
        return int(self.library.fake_live())


@pytest.fixture
def cuda(fake_libraries: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCuda]:
    """This process finds the stand-ins and nothing else."""
    from sonoedge.device import gpu
    from sonoedge_runtimes import cuda as ours

    monkeypatch.setattr(gpu, "LIBCUDA", str(fake_libraries / "libcuda.so.1"))
    monkeypatch.setattr(ours, "LIBRARIES", {12: str(fake_libraries / "libcudart.so.12")})
    monkeypatch.setenv("FAKE_CUDART", str(fake_libraries / "libcudart.so.12"))
    library = ctypes.CDLL(str(fake_libraries / "libcudart.so.12"))
    library.fake_calls.restype = ctypes.c_void_p
    library.fake_reset()
    yield FakeCuda(library=library)
    library.fake_reset()


@pytest.fixture
def tensorrt(cuda: FakeCuda, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCuda]:
    """As `cuda`, and `import tensorrt` gives the stand-in."""
    from sonoedge_runtimes import trt_log

    monkeypatch.syspath_prepend(FAKE_GPU)
    names = ("tensorrt", "tensorrt_rtx")
    before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    monkeypatch.setattr(trt_log, "_loggers", {})
    yield cuda
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(before)
