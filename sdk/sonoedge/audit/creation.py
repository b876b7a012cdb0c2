"""Begins a log on a device, and gives out its first key, once."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from sonoedge.audit.appending import Appender
from sonoedge.audit.record import Entry
from sonoedge.audit.seal import KEY_BYTES, SealKey, replace_key
from sonoedge.durable import sync_folder
from sonoedge.errors import OutputError


def create_log(folder: str | Path, *, clock_ns: Callable[[], int] = time.monotonic_ns) -> str:
    """Make a folder that holds an audit log, with its first record sealed.

    Returns:
        the first key, 64 hexadecimal digits. With it a log is verified, and could be forged: it
        belongs elsewhere than on the device, where only later keys remain.

    Raises:
        OutputError: the folder is there and not empty, or cannot be written.
    """
    path = Path(folder)
    first = SealKey(epoch=0, key=secrets.token_bytes(KEY_BYTES).hex())
    try:
        path.mkdir(mode=0o750, exist_ok=True)
        if os.listdir(path):  # noqa: PTH208 - whether there is anything
            raise OutputError(
                f"{path.name} is not empty; an audit log begins in a folder of its own"
            )
        replace_key(path, first)
        sync_folder(path.parent)
        now_ns = clock_ns()
        values = {"log": secrets.token_hex(8)}
        with Appender(path, new=True) as log:
            log.append([Entry(mono_ns=now_ns, kind="created", values=values)])
            log.seal(now_ns)
    except OSError as error:
        raise OutputError(f"{path.name} cannot be written: {error.strerror}") from None
    return first.key
