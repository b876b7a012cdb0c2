"""An output that never takes the place of another: a key, a grant, a keyring."""

from __future__ import annotations

from pathlib import Path

from sonoedge.durable import sync_folder, write_durably
from sonoedge.errors import OutputError


def write_new(path: Path, data: bytes, mode: int = 0o666, *, instead: str) -> None:
    """Write a file that was not there; it is there after a power cut.

    Args:
        mode: its permissions, from its first moment on; the process's umask is taken off.
        instead: what to do where there is one, for the message.

    Raises:
        OutputError: it exists, or cannot be written.
    """
    try:
        write_durably(path, data, mode)
        sync_folder(path.parent)
    except FileExistsError:
        raise OutputError(f"{path.name} exists already; {instead}") from None
    except OSError as error:
        raise OutputError(f"{path.name} cannot be written: {error.strerror}") from None
