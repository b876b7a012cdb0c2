"""Progress: stage names and times, for a person or for a machine."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO

Progress = Callable[[int, int], None]


class Stages:
    """Says on `to` which stage runs and how long it took.

    On a terminal a running stage shows how far it is; `as_json` writes one JSON object
    per finished stage instead.
    """

    def __init__(self, to: TextIO | None = None, *, as_json: bool = False) -> None:
        self._to = sys.stderr if to is None else to
        self._json = as_json
        self._live = not as_json and self._to.isatty()

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        """Run a stage; the function given back takes (done, of how many)."""
        began = time.monotonic()
        if self._live:
            self._write(f"  {name} ...")
        yield lambda done, of: self._step(name, done, of)
        seconds = time.monotonic() - began
        if self._json:
            self._write(json.dumps({"stage": name, "seconds": round(seconds, 3)}) + "\n")
        else:
            self._write(f"{self._clear()}  {name:<44} {seconds:6.1f} s\n")

    def say(self, line: str) -> None:
        """One line between stages."""
        if not self._json:
            self._write(f"{self._clear()}{line}\n")

    def _step(self, name: str, done: int, of: int) -> None:
        if self._live:
            self._write(f"{self._clear()}  {name} {done}/{of}")

    def _clear(self) -> str:
        return "\r\x1b[K" if self._live else ""

    def _write(self, text: str) -> None:
        self._to.write(text)
        self._to.flush()
