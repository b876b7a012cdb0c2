"""Folders and files that change places while a bundle is opened: what was checked is read."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from attacks.device import TINY, Device
from sonoedge.errors import DigestMismatch, KeyUnknown, SonoedgeError
from sonoedge_export.bundle.exchange import exchange

GRAPH = "graphs/fp32.onnx"


@dataclass(frozen=True)
class Race:
    """What came of opening a bundle while it was swapped.

    Attributes:
        swaps: how often two names changed places.
        opened: how often each graph, by its SHA-256, came out of a whole opening.
        refused: how often each error, by its token.
    """

    swaps: int
    opened: dict[str, int]
    refused: dict[str, int]


class _Swapper:
    """Lets two names change places until it is told to stop."""

    def __init__(self, a: Path, b: Path) -> None:
        self.swaps, self._a, self._b = 0, a, b
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.is_set():
            exchange(self._a, self._b)
            self.swaps += 1
            time.sleep(0.0002)  # so that both get to run on one processor


@contextlib.contextmanager
def _swapping(a: Path, b: Path) -> Iterator[_Swapper]:
    swapper = _Swapper(a, b)
    thread = threading.Thread(target=swapper.run)
    thread.start()
    try:
        yield swapper
    finally:
        swapper.stop.set()
        thread.join()


def folders(device: Device, swaps: int, *, trusted: bool) -> Race:
    """The bundle's folder and another one, whose graph differs, change places.

    Args:
        trusted: the other bundle is signed by the release key as well, else by a stranger's.
    """
    other = Device(device.place / "other-device")
    shutil.copytree(device.bundle, other.bundle)
    other.replace(GRAPH, (TINY / GRAPH).read_bytes() + b"\x12\x01x")  # a producer_name
    if not trusted:
        other.sign("stranger")
    return _race(device, device.bundle, other.bundle, swaps)


def files(device: Device, swaps: int) -> Race:
    """One file of the bundle and another of the same size change places, below its manifest."""
    other = device.place / "other.onnx"
    other.write_bytes((TINY / GRAPH).read_bytes()[::-1])
    return _race(device, device.bundle / GRAPH, other, swaps)


def _race(device: Device, a: Path, b: Path, swaps: int) -> Race:
    opened: dict[str, int] = {}
    refused: dict[str, int] = {}
    with _swapping(a, b) as swapper:
        while swapper.swaps < swaps:
            try:
                bundle = device.use()
                model = bundle.read(GRAPH)
            except (KeyUnknown, DigestMismatch) as error:
                refused[error.token] = refused.get(error.token, 0) + 1
                continue
            sha256 = hashlib.sha256(model).hexdigest()
            if sha256 != bundle.manifest.files[GRAPH].sha256:
                raise SonoedgeError("a graph came out that its manifest does not name")
            opened[sha256] = opened.get(sha256, 0) + 1
    return Race(swapper.swaps, opened, refused)
