"""From pictures to frames: when each one was captured, and waiting until it is due."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing

from sonoedge.frames import Frame
from sonoedge.sources.picture import Picture


def stamped(
    pictures: Generator[Picture, None, None],
    *,
    realtime: bool,
    fps: float | None,
    clock_ns: Callable[[], int],
    sleep_s: Callable[[float], None],
) -> Generator[Frame, None, None]:
    """Frames with their capture time on the monotonic clock, and their time in the recording.

    A picture with a time of its own gets it as `recorded_ns`, which never steps back: the
    freeze test and the tracker go by it, however slowly the frames are read.

    Unpaced, a frame is captured when it is read. Paced, the source's own time line
    is laid on the clock from its first picture on: each frame is held back until it
    is due, and is captured at that moment, so that its age is what a live frame's
    would be. No frame is left out: whoever takes frames more slowly than they fall
    due sees their age grow. A device that knows its capture times is believed.

    Args:
        realtime: wait until each frame is due.
        fps: pictures per second, in place of the pictures' own times.
    """
    with closing(pictures):
        origin_ns: int | None = None
        recorded_ns: int | None = None
        for index, picture in enumerate(pictures):
            captured_ns = clock_ns()
            time_s = picture.time_s if fps is None else index / fps
            if picture.captured_ns is not None:
                captured_ns = picture.captured_ns
            elif time_s is not None:
                offset_ns = round(time_s * 1e9)
                # Recorded clocks can step back.
                recorded_ns = offset_ns if recorded_ns is None else max(recorded_ns, offset_ns)
                if realtime:
                    if origin_ns is None:
                        origin_ns = captured_ns - recorded_ns
                    captured_ns = origin_ns + recorded_ns
                    _wait(captured_ns, clock_ns, sleep_s)
            yield Frame(
                pixels=picture.pixels,
                captured_ns=captured_ns,
                spacing_mm=picture.spacing_mm,
                pixel_aspect=picture.pixel_aspect,
                roi_px=picture.roi_px,
                meta=picture.meta,
                recorded_ns=recorded_ns,
            )


def _wait(due_ns: int, clock_ns: Callable[[], int], sleep_s: Callable[[float], None]) -> None:
    while (left_ns := due_ns - clock_ns()) > 0:  # a sleep may end early
        sleep_s(left_ns / 1e9)
