"""An engine kept warm: one call more in each pause, over by the time that a frame comes.

In the pause between two frames an engine's weights and code leave the processor's caches
and its cores halt, so the call behind the pause takes longer. A call with the last
frame's tensors just before the next frame is due brings them back. Its price is that
call's processor time, once per frame; `studies.paced_why` measures both.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Literal

import numpy as np

from sonoedge.closing import Closing
from sonoedge.errors import EngineFailed
from sonoedge.runtime import Runtime, Tensors, TensorSpec

HISTORY: Final = 8  # intervals, and ticks
MARGIN_NS: Final = 2_000_000  # the guard's time, and that of waking up
LONGEST_PAUSE_NS: Final = 1_000_000_000  # slower frames have no pace to be ready for


class Pace:
    """When the next frame is due, and when a tick must begin to be over by then.

    No frame is earlier than the shortest of the last eight intervals says, and no tick
    longer than the longest of the last eight calls: a tick that would not be over by then
    is not begun. So a frame waits for a tick only where it comes earlier than eight
    frames before it, and then for the rest of one engine call at most.
    """

    def __init__(self) -> None:
        self._intervals: deque[int] = deque(maxlen=HISTORY)
        self._calls: deque[int] = deque(maxlen=HISTORY)
        self._last_start_ns: int | None = None
        self._last_end_ns = 0

    def called(self, began_ns: int, ended_ns: int) -> None:
        """Take a frame's call."""
        if self._last_start_ns is not None:
            self._intervals.append(began_ns - self._last_start_ns)
        self._last_start_ns, self._last_end_ns = began_ns, ended_ns
        self._calls.append(ended_ns - began_ns)

    def ticked(self, took_ns: int) -> None:
        """Take a tick's duration."""
        self._calls.append(took_ns)

    def tick_ns(self) -> int | None:
        """When to begin the tick before the next frame; None where there is no room for one."""
        if self._last_start_ns is None or len(self._intervals) < HISTORY:
            return None
        shortest = min(self._intervals)
        if shortest > LONGEST_PAUSE_NS:
            return None
        begin = self._last_start_ns + shortest - max(self._calls) - MARGIN_NS
        return begin if begin > self._last_end_ns + MARGIN_NS else None


class WarmRuntime(Closing):
    """A runtime around another one, with a thread of its own for the ticks.

    Attributes:
        ticks: calls made to keep warm.
        delays: frames that found a tick running and had to wait for its end.
    """

    def __init__(self, engine: Runtime, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._engine = engine
        self._clock_ns = clock_ns
        self._pace = Pace()
        self._last: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = {}
        self._calling = threading.Lock()  # around each call of the engine
        self._change = threading.Condition(threading.Lock())  # around what is below
        self._due: int | None = None
        self._closed = False
        self.ticks = self.delays = 0
        self._thread = threading.Thread(target=self._run, name="sonoedge-warm", daemon=True)
        self._thread.start()

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        return self._engine.inputs

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        return self._engine.outputs

    @property
    def lost(self) -> str:
        """As the engine itself says: why it can no longer be used."""
        return str(getattr(self._engine, "lost", ""))

    @property
    def placement(self) -> Literal["free", "pinned"]:
        """As the engine itself says."""
        return "pinned" if getattr(self._engine, "placement", "free") == "pinned" else "free"

    def infer(self, tensors: Tensors) -> Tensors:
        """A frame's call: goes before any tick, and waits for one only while it runs."""
        if not self._calling.acquire(blocking=False):
            self.delays += 1
            self._calling.acquire()
        try:
            start_ns = self._clock_ns()
            answer = self._engine.infer(tensors)
            end_ns = self._clock_ns()
            for name, value in tensors.items():
                if name in self._last and self._last[name].shape == value.shape:
                    np.copyto(self._last[name], value)
                else:
                    self._last[name] = value.copy()
            self._pace.called(start_ns, end_ns)
            due = self._pace.tick_ns()
        finally:
            self._calling.release()
        with self._change:
            self._due = due
            self._change.notify()
        return answer

    def close(self) -> None:
        """End the thread, then the engine; closing twice is harmless."""
        with self._change:
            self._closed = True
            self._change.notify()
        if self._thread is not threading.current_thread():
            self._thread.join()
        self._engine.close()

    def _run(self) -> None:
        while True:
            with self._change:
                while not self._closed and (self._due is None or self._due > self._clock_ns()):
                    wait = None if self._due is None else (self._due - self._clock_ns()) / 1e9
                    self._change.wait(wait)
                if self._closed:
                    return
                late_ns = self._clock_ns() - (self._due or 0)
                self._due = None  # one tick a pause
            if late_ns < MARGIN_NS // 2:  # woken too late, it would not be over in time
                self._tick()

    def _tick(self) -> None:
        if not self._calling.acquire(blocking=False):
            return
        try:
            start_ns = self._clock_ns()
            self._engine.infer(self._last)
            self._pace.ticked(self._clock_ns() - start_ns)
            self.ticks += 1
        except EngineFailed:
            self._last = {}  # the next frame will meet it, and its outcome tells
        finally:
            self._calling.release()
