"""What converters print while an engine is built stays out of the table."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


@contextmanager
def silence(*expected: type[BaseException]) -> Iterator[None]:
    """Keep back what this process and its children print, those in C++ too.

    It is shown on standard error where an exception comes of it that is not `expected`.
    """
    with tempfile.TemporaryFile() as file:
        try:
            with _redirected(file):
                yield
        except expected:
            raise
        except BaseException:
            file.seek(0)
            sys.stderr.write(file.read().decode(errors="replace"))
            raise


@contextmanager
def _redirected(file: BinaryIO) -> Iterator[None]:
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {number: os.dup(number) for number in (1, 2)}
    try:
        for number in kept:
            os.dup2(file.fileno(), number)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in kept.items():
            os.dup2(copy, number)
            os.close(copy)
