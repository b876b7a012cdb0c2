"""Files that native libraries decode, as users read them: in a process of their own.

What kills or hangs a decoder is an error of its file, `SourceCrashed`. What may not happen is
that it kills, hangs or fills the host: that is what is looked for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import closing

from fuzz.scratch import scratch_file
from sonoedge.sources.child.limits import Limits
from sonoedge.sources.child.reader import ChildReader
from sonoedge.sources.formats import Format

MOST_PICTURES = 200  # one that is left in the middle costs a new process
# Of processor time rather than of time: beside other work, a decoder waits.
LIMITS = Limits(cpu_s=5)


@functools.cache
def _reader() -> ChildReader:
    """One for the process: it starts its decoder anew only when that has died."""
    return ChildReader(LIMITS)


def attack_of(format: Format, suffix: str) -> Callable[[bytes], None]:
    """Reads an input as a file of this format, up to its 200th picture."""

    def attack(data: bytes) -> None:
        path = scratch_file(f"a{suffix}", data)
        contents = _reader().open(format.reader, path)
        with closing(contents.pictures()) as pictures:
            for _, picture in zip(range(MOST_PICTURES), pictures, strict=False):
                assert picture.pixels.size

    return attack
