"""A live device as a source of pictures, which ends with an error when the device is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

from sonoedge.errors import SourceError
from sonoedge.sources.picture import Contents, Picture
from sonoedge.sources.watch import Clock, Watch, WatchRules


def watched(
    open_device: Callable[[], Contents],
    *,
    rules: WatchRules | None = None,
    clock_ns: Clock = time.monotonic_ns,
) -> Contents:
    """A device whose reading ends with an error within a second of its loss.

    Whoever reads more slowly than the device gives gets its newest picture.

    Raises:
        SourceError: it cannot be opened; when read, it is lost.
    """
    opened: list[Contents] = [open_device()]
    name, fps = opened[0].name, opened[0].fps

    def pictures() -> Generator[Picture, None, None]:
        first = opened.pop() if opened else None
        watch = Watch(open_device, first=first, rules=rules, clock_ns=clock_ns)
        begun_ns = clock_ns()
        patience_ns = (rules or WatchRules()).open_ms * 1_000_000
        try:
            while True:
                picture = watch.take(1.0)
                if picture is not None:
                    yield picture
                    continue
                status = watch.status()
                began = status.pictures > 0 or status.detail != ""
                if status.lost is not None and (began or clock_ns() - begun_ns > patience_ns):
                    why = status.detail or f"{name} gives no new frame; is it still plugged in?"
                    raise SourceError(why)
        finally:
            watch.close()

    def close() -> None:
        if opened:
            opened.pop().close()

    return Contents(name=name, pictures=pictures, count=None, fps=fps, times="live", close=close)
