"""A source of frames, whatever it reads from."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator

from sonoedge.closing import Closing
from sonoedge.errors import Closed, InvalidSettings
from sonoedge.frames import Frame
from sonoedge.sources.pace import stamped
from sonoedge.sources.picture import Contents


class Source(Closing):
    """An iterable of frames that can be closed, from one thread at a time.

    Iterating again starts a file from its beginning and ends the iteration before;
    a camera goes on with its newest frame. Reading may raise SourceError.
    """

    def __init__(
        self,
        contents: Contents,
        *,
        realtime: bool = False,
        fps: float | None = None,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        sleep_s: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make a source of a reader's contents.

        Args:
            contents: what the reader learned when it opened the source.
            realtime: give each frame only when it is due by the source's own times.
            fps: frames per second, in place of the source's own times.
            clock_ns, sleep_s: the monotonic clock in nanoseconds, and how to wait.

        Raises:
            InvalidSettings: no times to replay by, or `fps` makes no sense here.
        """
        if fps is not None and not (math.isfinite(fps) and fps > 0):
            raise InvalidSettings(f"fps is {fps}; it must be a positive number")
        if fps is not None and contents.times == "live":
            raise InvalidSettings(f"{contents.name} sets its own pace; leave fps out")
        untimed = contents.times == "none" and fps is None and contents.count != 1
        if realtime and untimed:
            raise InvalidSettings(
                f"{contents.name} has no frame times to replay by; "
                "leave realtime out, or say the frames per second with fps"
            )
        self._contents = contents
        self._realtime = realtime
        self._fps = fps
        self._clock_ns = clock_ns
        self._sleep_s = sleep_s
        self._frames: Generator[Frame, None, None] | None = None
        self._closed = False

    @property
    def name(self) -> str:
        """What to call the source, without its folder."""
        return self._contents.name

    @property
    def count(self) -> int | None:
        """Frames to expect; of a video what its container says. None where unknown."""
        return self._contents.count

    @property
    def fps(self) -> float | None:
        """Frames per second; None where unknown."""
        return self._contents.fps if self._fps is None else self._fps

    @property
    def recorded(self) -> bool:
        """The frames have times of their own (`Frame.recorded_ns`): they can be followed."""
        return self._fps is not None or self._contents.times == "own"

    @property
    def unreadable(self) -> tuple[str, ...]:
        """What was wrong with each file that could not be read, where reading goes on
        nevertheless (`continue_on_error`); of the latest iteration."""
        return tuple(self._contents.unreadable)

    def __iter__(self) -> Generator[Frame, None, None]:
        if self._closed:
            raise Closed(f"{self.name} was closed; open it again")
        self._stop()
        self._frames = stamped(
            self._contents.pictures(),
            realtime=self._realtime,
            fps=self._fps,
            clock_ns=self._clock_ns,
            sleep_s=self._sleep_s,
        )
        return self._frames

    def close(self) -> None:
        """Let go of the file or device. Closing twice is harmless."""
        if not self._closed:
            self._closed = True
            self._stop()
            self._contents.close()

    def _stop(self) -> None:
        if self._frames is not None:
            self._frames.close()
            self._frames = None
