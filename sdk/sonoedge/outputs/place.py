"""Where an output goes is judged before the work that it is of."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sonoedge.errors import OutputError
from sonoedge.outputs.own_inputs import check_not_input


def check_output(option: str, path: Path | None, *inputs: str | Path | None) -> None:
    """Refuse an output that could not be written, or that is read. Its folder is made.

    Args:
        option: the output's, for messages.
        path: the output's file; None for none.
        inputs: as `check_not_input`.

    Raises:
        InvalidSettings: it is an input, or lies in a bundle.
        OutputError: its folder cannot be made, it is a folder itself, or its links go round.
    """
    if path is None:
        return
    check_not_input(option, path, *inputs)
    try:
        is_folder = path.is_dir()
        if not is_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                path.stat()  # links that go round
    except OSError as error:
        raise OutputError(f"{option} cannot be written ({error.strerror}): {path}") from None
    if is_folder:
        raise OutputError(f"{option} is a folder: {path}; name a file")
