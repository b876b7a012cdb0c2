"""Write a provision result beside its bundle, whole or not at all.

Engines are named by their digest and written first; provision.json is replaced last, in one
step. Whatever it does not name is left over from an interrupted run, and is removed.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sonoedge.bundle import Bundle
from sonoedge.device.record import EngineRecord, Provision
from sonoedge.device.store import ENGINES, INDEX
from sonoedge.durable import replace_durably
from sonoedge.errors import OutputError
from sonoedge.settings import plain

OF_AN_ENGINE: Final = (".engine", ".json", ".mac", ".log", ".kernels")


@contextmanager
def exclusive_lock(bundle: Bundle) -> Iterator[None]:
    """Within it nobody else provisions this bundle; nothing is written for it.

    Raises:
        OutputError: somebody else does.
    """
    with (bundle.folder / "manifest.json").open("rb") as manifest:
        try:
            fcntl.flock(manifest, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(
                "another sonoedge provision is at work on this bundle; wait until it has ended"
            ) from None
        yield


def write(folder: Path, provision: Provision, engines: dict[str, bytes]) -> None:
    """Put a provision result in its place: whole, or not at all.

    Args:
        engines: bytes by file name; what is there already need not be given.

    Raises:
        OutputError: the folder cannot be written.
    """
    place = folder / ENGINES
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name, data in engines.items():
            replace_durably(place / name, data)
        text = json.dumps(plain(provision), indent=1, sort_keys=True, allow_nan=False) + "\n"
        replace_durably(folder / INDEX, text.encode())
        _tidy(folder, provision)
    except OSError as error:
        raise OutputError(
            f"the provision result cannot be written beside the bundle ({error.strerror}); "
            "give the bundle a place that may be written"
        ) from error


def sidecar(record: EngineRecord) -> bytes:
    """A sidecar's bytes."""
    return (json.dumps(plain(record), indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _tidy(folder: Path, provision: Provision) -> None:
    """Remove engines that the index does not name, and drafts of a run that was killed."""
    current = {r.engine.removesuffix(".json") for r in provision.results if r.engine is not None}
    for file in (folder / ENGINES).iterdir():
        left_over = file.suffix in OF_AN_ENGINE and file.stem not in current
        if left_over or file.name.startswith("."):
            file.unlink()
