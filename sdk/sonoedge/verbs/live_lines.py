"""The JSON Lines of a live run, which a full disk or a reader that has gone must end.

They are written on the session's thread, for which an error is one of a callback: counted, and
the session goes on. Whoever asked for the lines would take their end for that of the findings.
"""

from __future__ import annotations

from sonoedge.analysis import Analysis
from sonoedge.errors import OutputError
from sonoedge.outputs.jsonl import JsonLines


class LiveLines:
    """Writes each outcome until one cannot be written: behind a torn line comes no other.

    Args:
        jsonl: where to.
        name: what to call the source.
    """

    def __init__(self, jsonl: JsonLines, name: str) -> None:
        self._jsonl, self._name = jsonl, name
        self._failed: OutputError | BrokenPipeError | None = None

    def add(self, analysis: Analysis) -> None:
        """Write one outcome; never raises what `check` will."""
        if self._failed is not None:
            return
        try:
            self._jsonl.write(analysis, self._name)
        except (OutputError, BrokenPipeError) as error:
            self._failed = error

    def check(self) -> None:
        """Raise why no more lines are written, if so; on the thread that runs the session.

        Raises:
            OutputError: the file cannot be written.
            BrokenPipeError: what reads the lines has gone.
        """
        if self._failed is not None:
            raise self._failed
