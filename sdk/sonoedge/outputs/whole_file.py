"""An output file is there whole, or as it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from sonoedge.durable import replace_durably
from sonoedge.errors import OutputError

STREAMS: Final = {"/dev/stdout": 1, "/dev/stderr": 2}


def write_whole(what: str, path: Path, data: bytes) -> None:
    """Write an output in place of what may be there: where the disk is full the old one stays.

    A link stays, and the file that it leads to is replaced. A pipe or a device, and whatever
    /dev/stdout stands for, is written to.

    Args:
        what: the output, for messages, such as "the report".

    Raises:
        OutputError: it cannot be written.
    """
    try:
        stream = STREAMS.get(str(path))
        if stream is not None or (path.exists() and not path.is_file()):
            # A stream's own number: opened anew it would be written to from its beginning.
            with path.open("wb") if stream is None else os.fdopen(os.dup(stream), "wb") as out:
                out.write(data)
        else:
            replace_durably(path.resolve(), data)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that go round, to 3.12
        why = error.strerror if isinstance(error, OSError) else "its links go round"
        raise OutputError(f"{what} cannot be written ({why}): {path}") from error
