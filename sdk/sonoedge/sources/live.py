"""Live sources: by what a source's name begins with, how it is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from sonoedge.errors import InvalidSettings
from sonoedge.sources.camera import camera, camera_index
from sonoedge.sources.given_spacing import Spacing, spaced
from sonoedge.sources.picture import Contents

_IGTL: Final = "igtl://"
_PIPE: Final = "pipe:"
_CLARIUS: Final = "clarius://"


def live_device(spec: str) -> Callable[[], Contents] | None:
    """What opens a live source, once for every try; None where the text names none.

    Raises:
        InvalidSettings: it names one, and is not written as it must be.
    """
    index = camera_index(spec)
    if index is not None:
        return lambda: camera(index)
    # Imported late: most runs read files.
    if spec.startswith(_IGTL):
        from sonoedge.sources import igtl

        address = igtl.address_from(spec)
        return lambda: igtl.igtl(address)
    if spec.startswith(_PIPE):
        from sonoedge.sources import pipe

        command = pipe.command_from(spec)
        return lambda: pipe.pipe(command)
    if spec.startswith(_CLARIUS):
        from sonoedge.sources import clarius

        probe = clarius.address_from(spec)
        return lambda: clarius.clarius(probe)
    return None


def given_device(spec: str, spacing_mm: Spacing | None) -> Callable[[], Contents] | None:
    """As `live_device`; its pictures have this spacing where they say none.

    Raises:
        InvalidSettings: as `live_device`; or a spacing is given to what is no live source.
    """
    device = live_device(spec)
    if spacing_mm is None:
        return device
    if device is None:
        raise InvalidSettings("a spacing is given to live sources alone; a file says its own")
    return spaced(device, spacing_mm)


def is_folder(spec: str) -> bool:
    """Whether the text names a folder; that of a live source may be too long for a path."""
    return spec != "" and live_name(spec) is None and Path(spec).is_dir()


def live_name(spec: str) -> str | None:
    """What results call a live source: no host, no command; None where the text names none."""
    for beginning in (_IGTL, _PIPE, _CLARIUS):
        if spec.startswith(beginning):
            return beginning.partition(":")[0]
    return spec.rsplit("/", 1)[-1] if camera_index(spec) is not None else None
