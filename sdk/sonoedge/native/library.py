"""The library: where it lies, and whether it is of this very package."""

from __future__ import annotations

import ctypes as c
from pathlib import Path
from typing import Final

from sonoedge import __version__
from sonoedge.errors import RuntimeUnavailable
from sonoedge.native.structs import (
    BYTES,
    Findings,
    FrameFields,
    Image,
    InputFields,
    Maps,
    RegionFields,
    Settings,
)

ABI: Final = 2  # SO_PYTHON_ABI of sdk/c/python/build.c
SIZES: Final = tuple(
    map(c.sizeof, (Settings, FrameFields, Maps, RegionFields, Findings, InputFields))
)

_PATH, _TEXT = c.c_void_p, c.c_char_p
_CALLS: Final = {
    "so_frame_path_make": (_PATH, (c.POINTER(Settings), c.c_int)),
    "so_frame_path_free": (None, (_PATH,)),
    "so_frame_judge": (c.c_int32, (_PATH, c.POINTER(FrameFields), _TEXT)),
    "so_frame_fill": (c.c_void_p, (_PATH,)),
    "so_frame_fill_into": (c.c_int, (_PATH, c.POINTER(InputFields))),
    "so_frame_prepare_picture": (c.c_int, (_PATH, c.POINTER(Image), c.POINTER(BYTES))),
    "so_frame_find": (
        c.c_int32,
        (_PATH, c.POINTER(Maps), c.c_int, c.POINTER(Findings), _TEXT),
    ),
    "so_frame_track": (c.c_int, (_PATH, c.POINTER(Findings))),
}


def load(file: Path) -> c.CDLL:
    """The library in a file.

    Raises:
        RuntimeUnavailable: it is none that this machine can load, or of another package.
    """
    try:
        library = c.CDLL(str(file))
        if not _is_ours(library):
            raise RuntimeUnavailable(
                "the native frame path was built for another version of sonoedge; build it "
                "again with `make native`, or let Python's run (frame_path='python')"
            )
        for name, (result, arguments) in _CALLS.items():
            call = getattr(library, name)
            call.restype, call.argtypes = result, arguments
    except (OSError, AttributeError):
        raise RuntimeUnavailable(
            "the native frame path cannot be loaded on this machine; build it here with "
            "`make native`, or let Python's run (frame_path='python')"
        ) from None
    return library


def _is_ours(library: c.CDLL) -> bool:
    """Whether it was built from the package's version, with structs that lie as Python's do."""
    call = library.so_python_build
    call.restype = c.c_char_p
    abi, sizes = c.c_uint32(), (c.c_uint64 * len(SIZES))()
    version = call(c.byref(abi), sizes)
    return (version, abi.value, tuple(sizes)) == (__version__.encode(), ABI, SIZES)
