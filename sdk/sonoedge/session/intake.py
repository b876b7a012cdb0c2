"""From a caller's frame to a submission: pixels of our own, or what is wrong with the frame."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

from sonoedge.analysis import Reason
from sonoedge.errors import InvalidSettings
from sonoedge.foreign_error import describe_foreign
from sonoedge.frame_values import value_fault
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings, detail, form
from sonoedge.session.mailbox import Buffers, Submission

MAX_STREAMS: Final = 64
MAX_STREAM_NAME: Final = 256
CLOCK_TOLERANCE_NS: Final = 1_000_000  # a driver's stamp may be rounded up
NOT_MONOTONIC: Final = (
    "captured_ns lies {:.3g} s ahead of the session's clock: stamp frames by "
    "time.monotonic_ns(), not by the time of day"
)


class Intake:
    """Takes frames in. Any thread may call it.

    Args:
        buffers: where pixels are copied to.
        guard: what a frame's form is checked by, at this moment.
    """

    def __init__(self, buffers: Buffers, guard: Callable[[], GuardSettings]) -> None:
        self._buffers = buffers
        self._guard = guard
        self._streams: set[str] = set()

    def admit(self, stream: object) -> None:
        """Take a stream's name, where it is a new one.

        Raises:
            InvalidSettings: it is no text of at most 256 characters, or there are 64 already.
        """
        if isinstance(stream, str) and stream in self._streams:
            return
        if not isinstance(stream, str) or len(stream) > MAX_STREAM_NAME:
            raise InvalidSettings(
                f"stream must be text of at most {MAX_STREAM_NAME} characters, not {stream!r:.60}"
            )
        try:
            stream.encode()
        except UnicodeEncodeError:
            raise InvalidSettings("stream must be text that UTF-8 can hold") from None
        if len(self._streams) >= MAX_STREAMS:
            raise InvalidSettings(f"a session has at most {MAX_STREAMS} streams")
        self._streams.add(stream)

    def submission(self, frame: Frame, frame_id: int, stream: str, now_ns: int) -> Submission:
        """The frame with pixels of our own, or with what is wrong with it."""
        born_ns = now_ns
        try:
            fault = value_fault(frame)
            if fault is None:
                born_ns = int(frame.captured_ns)
                if born_ns - now_ns > CLOCK_TOLERANCE_NS:
                    ahead_s = (born_ns - now_ns) / 1e9
                    fault = Reason.CAPTURE_CLOCK_NOT_MONOTONIC, NOT_MONOTONIC.format(ahead_s)
                born_ns = min(born_ns, now_ns)
            if fault is None:
                guard = self._guard()
                refused = form(frame, guard)
                why = detail(refused, frame, guard)
            else:
                refused, why = fault
            if refused is None:
                frame = dataclasses.replace(
                    frame,
                    pixels=self._buffers.copy(frame.pixels),
                    captured_ns=born_ns,
                    recorded_ns=None,  # a session has one clock, whatever it is fed from
                )
        except Exception as error:  # noqa: BLE001 - the promise: a frame never raises
            refused, why = Reason.INTERNAL_ERROR, describe_foreign(error)
        return Submission(
            frame_id=frame_id,
            stream=stream,
            frame=frame,
            born_ns=born_ns,
            refused=refused,
            detail=why,
        )
