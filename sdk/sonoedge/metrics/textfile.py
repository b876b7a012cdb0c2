"""Metrics in a file, for the textfile collector of a node exporter."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sonoedge.durable import replace_durably
from sonoedge.errors import InvalidSettings, OutputError

SUFFIX: Final = ".prom"
MODE: Final = 0o644  # the collector is another user; nothing in it is secret
log = logging.getLogger("sonoedge.metrics")


def check_name(file: str | Path) -> None:
    """Refuse a name that no collector reads.

    Raises:
        InvalidSettings: it does not end in ".prom".
    """
    if Path(file).suffix != SUFFIX:
        raise InvalidSettings("the metrics' file must be called *.prom: collectors read no other")


def write_textfile(file: Path, text: str) -> None:
    """Put the text in the file's place: a reader sees the old one or the new one, whole.

    Raises:
        OSError: it cannot be written; what was there is unchanged.
    """
    # Until it is whole it has another name: a collector reads *.prom alone.
    replace_durably(file, text.encode("ascii"), MODE, whatever_umask=True)


class MetricsFile:
    """Writes the metrics every few seconds, on a thread of its own: a disk may take its time.

    A disk that fails is told in the log, once until it works again, and tried again.

    Args:
        file: its name must end in ".prom".
        text: makes the text; called on that thread.
        every_s: seconds between two files.

    Raises:
        InvalidSettings: the name does not end in ".prom".
        OutputError: the first one cannot be written.
    """

    def __init__(self, file: str | Path, text: Callable[[], str], every_s: float = 5.0) -> None:
        check_name(file)
        self._file = Path(file)
        self._text = text
        self._every_s = every_s
        self._ends = threading.Event()
        self._failing = False
        try:
            write_textfile(self._file, text())
        except OSError as error:
            raise OutputError(f"cannot write the metrics: {error.strerror}") from error
        self._thread = threading.Thread(target=self._run, name="sonoedge-metrics", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ends.wait(self._every_s):
            self._write()

    def _write(self) -> None:
        try:
            write_textfile(self._file, self._text())
            self._failing = False
        except OSError as error:
            if not self._failing:
                log.warning("the metrics cannot be written: %s", error.strerror)
            self._failing = True

    def close(self) -> None:
        """Write the last ones. Closing twice is harmless."""
        if not self._ends.is_set():
            self._ends.set()
            self._thread.join(2.0)
            if not self._thread.is_alive():
                self._write()
