"""Which NVIDIA GPU this machine has, asked of its driver.

Nothing is allocated and no context is made. TensorRT must not be touched before this
has answered: without a GPU its native library hands out null pointers and crashes.
"""

from __future__ import annotations

import ctypes
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sonoedge.child_process import child_command, child_settings
from sonoedge.errors import InvalidSettings, RuntimeUnavailable
from sonoedge.settings import plain, read

LIBCUDA: Final = "libcuda.so.1"
KERNEL_MODULE: Final = Path("/proc/driver/nvidia/version")

# CUdevice_attribute (cuda.h)
_MAJOR, _MINOR, _INTEGRATED = 75, 76, 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """GPU 0 of this machine.

    Attributes:
        name: its model, such as "Orin".
        compute_capability: such as "8.7".
        memory_bytes: of the GPU; shared with the CPU where `integrated`.
        integrated: CPU and GPU share their memory, as on a Jetson.
        driver: version of the kernel module; None where the system does not say.
        cuda: newest CUDA that the driver serves, such as "12.6".
    """

    name: str
    compute_capability: str
    memory_bytes: int
    integrated: bool
    driver: str | None
    cuda: str


def gpu() -> Gpu:
    """GPU 0, asked in this process.

    Raises:
        RuntimeUnavailable: there is no driver or no GPU; the message says which.
    """
    try:
        driver = ctypes.CDLL(LIBCUDA)
    except OSError:
        raise RuntimeUnavailable(
            f"there is no NVIDIA driver here ({LIBCUDA} cannot be loaded); TensorRT engines are "
            "built and run on a machine with an NVIDIA GPU"
        ) from None
    count, device = ctypes.c_int(), ctypes.c_int()
    _ask(driver, "cuInit", ctypes.c_uint(0))
    _ask(driver, "cuDeviceGetCount", ctypes.byref(count))
    if count.value == 0:
        raise RuntimeUnavailable("the NVIDIA driver sees no GPU; look at CUDA_VISIBLE_DEVICES")
    _ask(driver, "cuDeviceGet", ctypes.byref(device), ctypes.c_int(0))
    name = ctypes.create_string_buffer(256)
    _ask(driver, "cuDeviceGetName", name, ctypes.c_int(len(name)), device)
    memory = ctypes.c_size_t()
    _ask(driver, "cuDeviceTotalMem_v2", ctypes.byref(memory), device)
    serves = ctypes.c_int()
    _ask(driver, "cuDriverGetVersion", ctypes.byref(serves))
    return Gpu(
        name=name.value.decode(errors="replace"),
        compute_capability=f"{_attribute(driver, _MAJOR, device)}."
        f"{_attribute(driver, _MINOR, device)}",
        memory_bytes=memory.value,
        integrated=bool(_attribute(driver, _INTEGRATED, device)),
        driver=kernel_module(),
        cuda=cuda_version(serves.value),
    )


def present() -> bool:
    """Whether this machine looks as if it had an NVIDIA GPU; nothing is loaded or asked."""
    return any(Path(file).exists() for file in (KERNEL_MODULE, "/dev/nvidiactl", "/dev/nvmap"))


def cuda_version(number: int) -> str:
    """12060, as CUDA's libraries say it, is "12.6"."""
    return f"{number // 1000}.{number % 1000 // 10}"


def kernel_module(file: Path | None = None) -> str | None:
    """Version of the NVIDIA kernel module, or None where the system does not say."""
    try:
        text = (file or KERNEL_MODULE).read_text(errors="replace")
    except OSError:
        return None
    match = re.search(r"^NVRM version:.*?\s(\d+\.\d+(?:\.\d+)*)\s", text, re.MULTILINE)
    return None if match is None else match[1]


def probe_gpu(timeout_s: float = 10.0, python: str | None = None) -> Gpu | str:
    """GPU 0, asked in a process of its own: a driver that hangs or crashes costs nothing.

    Returns:
        the GPU, or one sentence that says why there is none.
    """
    import subprocess

    try:
        process = subprocess.run(
            child_command("gpu probe", python=python),
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            timeout=timeout_s,
            **child_settings() | {"stderr": subprocess.DEVNULL},
        )
    except RuntimeUnavailable as error:
        return str(error)
    except subprocess.TimeoutExpired:
        return f"the NVIDIA driver did not answer within {timeout_s:g} s; restart the machine"
    try:
        answer = json.loads(process.stdout.splitlines()[-1])
        return str(answer["why"]) if "why" in answer else read(Gpu, answer)
    except (IndexError, ValueError, InvalidSettings):
        return f"the NVIDIA driver cannot be asked: the process ended with {process.returncode}"


def print_probe() -> None:
    """The child's side of `probe_gpu`: one line of JSON."""
    try:
        result: object = plain(gpu())
    except RuntimeUnavailable as error:
        result = {"why": str(error)}
    print(json.dumps(result))


def _attribute(driver: ctypes.CDLL, which: int, device: ctypes.c_int) -> int:
    value = ctypes.c_int()
    _ask(driver, "cuDeviceGetAttribute", ctypes.byref(value), ctypes.c_int(which), device)
    return value.value


def _ask(driver: ctypes.CDLL, name: str, *args: object) -> None:
    code = getattr(driver, name)(*args)
    if code != 0:
        raise RuntimeUnavailable(
            f"the NVIDIA driver does not work: {name} answers {code} ({_words(driver, code)})"
        )


def _words(driver: ctypes.CDLL, code: int) -> str:
    text = ctypes.c_char_p()
    status = driver.cuGetErrorString(ctypes.c_int(code), ctypes.byref(text))
    return text.value.decode(errors="replace") if status == 0 and text.value else "unknown"
