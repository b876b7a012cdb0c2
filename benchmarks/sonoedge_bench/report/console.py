"""Where reports are printed: as wide as the terminal, in characters that it can show."""

from __future__ import annotations

import sys
from typing import Any, Final, TextIO

from rich.console import Console

# What an ASCII terminal is given in place of these; anything else that it lacks is "?".
PLAIN: Final = str.maketrans({"°": "", "…": "...", "×": "x", "–": "-", "’": "'"})


class EncodableStream:
    """A text stream that writes what its encoding can hold, and never fails for the rest."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write; characters that the encoding lacks are replaced."""
        encoding = self._stream.encoding or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = text.translate(PLAIN).encode(encoding, "replace").decode(encoding)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def console(stream: TextIO | None = None) -> Console:
    """A console on standard output.

    Its width is that of the COLUMNS variable, else of the terminal, else 80: also where the
    output goes to a file or a pipe.
    """
    stream = sys.stdout if stream is None else stream
    return Console(file=EncodableStream(stream), highlight=False)  # type: ignore[arg-type]
