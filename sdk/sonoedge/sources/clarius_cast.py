"""The child's side of `clarius`: the vendor's library, and the newest picture that it gave.

Written after the vendor's headers and examples (BSD-3, github.com/clariusdev/cast, up to
12.2.4): older releases take five functions and newer six, and `sz` is in bytes since 9.3.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sonoedge.errors import MissingDependency, SonoedgeError, SourceError
from sonoedge.frames import NO_META, FrameMeta
from sonoedge.sources.live_bounds import sides_are_credible, spacing_is_credible
from sonoedge.sources.picture import Contents, Picture

_WIDTH, _HEIGHT = 640, 480
_FIRST_S, _NEXT_S, _FROZEN_S = 4.0, 0.75, 0.2


def cast(path: Path) -> Contents:
    """The pictures of a probe.

    Args:
        path: the library's folder / "IP:PORT".

    Raises:
        MissingDependency: there is no library, or it cannot be loaded.
        SourceError: it does not connect, or raises; when read, no picture comes.
    """
    newest = _Newest()
    with _named_failures():
        caster = _connected(path, newest)

    def pictures() -> Generator[Picture, None, None]:
        with _named_failures():
            yield from newest.pictures(caster)

    return Contents(name=path.name, pictures=pictures, count=None, times="live")


def _connected(path: Path, newest: _Newest) -> Any:
    ip, port = path.name.rsplit(":", 1)
    caster = open_caster(_library(path.parent), newest.image, newest.freeze)
    if not caster.init(os.path.expanduser("~/"), _WIDTH, _HEIGHT):  # noqa: PTH111 - its own form
        raise SourceError("the Cast library does not start; is it of this machine's kind?")
    if not caster.connect(ip, int(port), "research"):
        raise SourceError(
            f"{path.name} does not answer the Cast library, which gives no reason; is the "
            "Clarius app running, streaming allowed, and IP and port those that it shows? After an "
            "update of the app update the Cast library to the app's version"
        )
    return caster


@contextlib.contextmanager
def _named_failures() -> Generator[None, None, None]:
    """What the library raises is one of its own, by its kind alone: its text may hold anything."""
    try:
        yield
    except (SonoedgeError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - a vendor's library may raise anything; it is said
        raise SourceError(
            f"the Cast library failed ({type(error).__name__}); is it of the same version as the "
            "Clarius app?"
        ) from None


def open_caster(module: Any, on_image: Callable[..., None], on_freeze: Callable[..., None]) -> Any:
    """The library's object, whichever release it is of.

    Raises:
        MissingDependency: it takes neither five functions nor six.
    """

    def ignore(*_: object) -> None: ...

    for imu in ((ignore,), ()):
        try:
            return module.Caster(on_image, ignore, ignore, *imu, on_freeze, ignore)
        except TypeError:  # the other number of functions
            continue
    raise MissingDependency("this release of pyclariuscast is not known; 10 to 12 are")


def pixels_of(data: Any, width: int, height: int, size: int) -> npt.NDArray[np.uint8]:
    """A copy of a picture as the library gives it: uint8, (H, W) grey or (H, W, 3) BGR.

    Args:
        data: its memory: grey, or B, G, R, A.
        width, height: pixels.
        size: of the memory, bytes.

    Raises:
        ValueError: it is of another format.
    """
    if not sides_are_credible(width, height):
        raise ValueError(f"a picture of {width} x {height}")
    if size not in (width * height, 4 * width * height):
        raise ValueError("a picture that is compressed, or of an unknown format")
    flat = np.frombuffer(data, np.uint8, count=size)
    if size == width * height:
        return np.array(flat.reshape(height, width))
    return np.array(flat.reshape(height, width, 4)[..., :3], order="C")


class _Newest:
    """What the library's threads gave last."""

    def __init__(self) -> None:
        self._fresh = threading.Condition()
        self._picture: Picture | None = None
        self._wrong: str | None = None
        self._frozen = False

    def image(
        self, data: Any, width: int, height: int, size: int, microns: float, stamp: int, *_: object
    ) -> None:
        """A processed picture; its memory is valid only during the call."""
        now_ns = time.monotonic_ns()
        picture = wrong = None
        try:
            mm = float(microns) / 1000  # pixels are square
            picture = Picture(
                pixels=pixels_of(data, width, height, size),
                captured_ns=now_ns,
                stamped=True,  # the library calls once for each picture
                spacing_mm=(mm, mm) if spacing_is_credible(mm) else None,
            )
        except (TypeError, ValueError, BufferError) as error:
            wrong = f"the probe gave {error}"
        with self._fresh:
            self._picture, self._wrong, self._frozen = picture, wrong, False
            self._fresh.notify_all()

    def freeze(self, state: object, *_: object) -> None:
        """The operator froze the picture (1), or let it run (0)."""
        with self._fresh:
            self._frozen = bool(state)
            self._fresh.notify_all()

    def pictures(self, caster: Any) -> Generator[Picture, None, None]:
        """The newest picture each time; while frozen the last one, marked so."""
        last: Picture | None = None
        since_s, wait_s = time.monotonic(), _FIRST_S
        while True:
            with self._fresh:
                if self._picture is None and self._wrong is None:
                    self._fresh.wait(_FROZEN_S if self._frozen else 0.05)
                picture, self._picture = self._picture, None
                wrong, frozen = self._wrong, self._frozen
            if wrong is not None:
                raise SourceError(f"{wrong}; it cannot be read")
            if picture is None and frozen and last is not None and caster.isConnected():
                picture = Picture(
                    pixels=last.pixels, captured_ns=time.monotonic_ns(), stamped=True,
                    spacing_mm=last.spacing_mm, meta=FrameMeta(frozen=True),
                )  # fmt: skip
            if picture is not None:
                last = picture if picture.meta is NO_META else last
                since_s, wait_s = time.monotonic(), _NEXT_S
                yield picture
            elif time.monotonic() - since_s > wait_s:
                connected = "it is connected" if caster.isConnected() else "it is not connected"
                raise SourceError(f"the probe gives no picture; {connected}")


def _library(folder: Path) -> Any:
    sys.path.insert(0, str(folder))
    native = folder / "libcast.so"
    try:
        if native.exists():  # the module finds it only where it was loaded before
            ctypes.CDLL(str(native), mode=ctypes.RTLD_GLOBAL)
        return importlib.import_module("pyclariuscast")
    except (ImportError, OSError) as error:
        raise MissingDependency(
            f"pyclariuscast cannot be loaded ({type(error).__name__}); lib= is the folder of the "
            "vendor's pyclariuscast and libcast.so for this Python and this kind of processor"
        ) from None
