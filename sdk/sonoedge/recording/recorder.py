"""A live session's recording: its own thread, which no frame ever waits for."""

from __future__ import annotations

import atexit
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from sonoedge.analysis import NotAnalysed, Origin, Reason
from sonoedge.errors import InvalidSettings, SonoedgeError
from sonoedge.recording.clip import Clip
from sonoedge.recording.collection import Collection
from sonoedge.recording.description import Description
from sonoedge.recording.moment import Moment
from sonoedge.recording.place import Place
from sonoedge.recording.settings import Recording
from sonoedge.recording.status import RecordingStatus
from sonoedge.recording.writing import write_clip
from sonoedge.session.departures import Settlement
from sonoedge.session.mailbox import Buffers
from sonoedge.session.states import Status

BEAT_S: Final = 0.1
MOST_WAITING: Final = 10_000  # moments without pixels: minutes of a disk that does not answer
# Encoding takes a quarter of a processor at most. A low priority would not do: a thread that is
# not given the processor while it holds the interpreter's lock keeps the session's threads waiting.
REST: Final = 3.0
END_S: Final = 30.0  # a program's end waits so long for its last clip
# These frames were given to an engine that gave no answer: the picture may be why.
_ASKED: Final = (Reason.DEADLINE_MISSED, Reason.ENGINE_CRASHED, Reason.INTERNAL_ERROR)

log = logging.getLogger("sonoedge.recording")


class Recorder:
    """An `FrameObserver` that keeps frames without copying them, and writes clips.

    Args:
        description: of the session; makes what a clip says of its engine.
        status: the session's, at any time.
        buffers: the session's, where pixels go back to.

    Raises:
        InvalidSettings, OutputError: as `Place`; frames are to be blanked outside a region
            that is not what the network gets.
    """

    def __init__(
        self,
        recording: Recording,
        description: Description,
        status: Callable[[], Status],
        buffers: Buffers,
    ) -> None:
        self._blank = recording.blank_outside_region
        if self._blank and description.fixed_region:
            raise InvalidSettings(
                "a region of interest is set, so that pixels outside of the source's own region "
                "reach the network; record without blanking, or leave the region out"
            )
        self._place = Place(Path(recording.folder), recording.disk_mb << 20)
        self._description = description
        self._session_status = status
        self._buffers = buffers
        self._most_bytes = recording.memory_bytes
        self._collection = Collection(recording, description.mirror(), self._release)
        self._queue: queue.SimpleQueue[Moment | Origin | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # of what stands below; held for a few additions alone
        self._held_bytes = 0
        self._engine = self._engine_before = self._engines = 0
        self._origin: Origin | None = None
        self._lost = self._failed = 0
        self._gap = False
        self._clips: tuple[str, ...] = ()
        self._why = ""
        self._writing = self._ended = False
        self._hurry = threading.Event()
        self._streams: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="sonoedge-recording", daemon=True)
        self._thread.start()
        # A daemon thread ends with the program: the last clip is waited for, not for ever.
        atexit.register(self.wait, END_S)

    # Called by the session's threads.

    def settled(self, settlement: Settlement) -> bool:
        """See `FrameObserver`."""
        try:
            return self._take(settlement)
        except Exception as error:  # noqa: BLE001 - the promise: a frame is not disturbed
            with self._lock:
                self._lost, self._gap = self._lost + 1, True
                self._why = f"{type(error).__name__} while a frame was taken"
            return False

    def engine_ready(self, origin: Origin) -> None:
        """See `FrameObserver`."""
        with self._lock:
            self._engine_before, self._engine = self._engine, self._engines + 1
            self._engines += 1
            if self._origin is None:
                self._origin = origin
        self._queue.put(origin)

    def engine_returns(self) -> None:
        """See `FrameObserver`."""
        with self._lock:
            self._engine = self._engine_before

    def status(self) -> RecordingStatus:
        """As it is now."""
        with self._lock:
            return RecordingStatus(
                clips=self._clips,
                failed=self._failed,
                why=self._why,
                lost=self._lost,
                writing=self._writing,
            )

    def close(self) -> None:
        """The session is over: the clip in the making is written, in the background."""
        self._hurry.set()  # no frame needs the processor any more
        self._queue.put(None)

    def wait(self, timeout_s: float) -> bool:
        """Wait for that; False when the time is up."""
        self._thread.join(timeout_s)
        done = not self._thread.is_alive()
        if done:
            atexit.unregister(self.wait)
        return done

    def _is_foreign(self, settlement: Settlement) -> bool:
        """Whether the session has gone over to another bundle or engine: no clip is of two."""
        answer = settlement.answer
        if answer is None or answer.origin == self._origin:
            return False
        self._why = "the session has switched from the bundle that is recorded to another one"
        return True

    def _take(self, settlement: Settlement) -> bool:
        submission, result = settlement.submission, settlement.result
        frame, lost, kept = None, False, False
        asked = settlement.answer is not None or (
            isinstance(result, NotAnalysed) and result.reasons[0] in _ASKED
        )
        with self._lock:
            if self._ended or self._queue.qsize() > MOST_WAITING or self._is_foreign(settlement):
                self._lost, self._gap = self._lost + 1, True
                return False
            if submission.refused is None and asked:
                frame = submission.frame
                lost = self._held_bytes + frame.pixels.nbytes > self._most_bytes
                kept = not lost
                if lost:
                    self._lost += 1
                else:
                    self._held_bytes += frame.pixels.nbytes
            engine, gap, self._gap = self._engine, self._gap, False
        if lost and frame is not None:
            nothing = np.broadcast_to(np.uint8(0), frame.pixels.shape)  # takes no memory
            frame = replace(frame, pixels=nothing)
        self._queue.put(
            Moment(
                frame_id=submission.frame_id,
                stream=submission.stream,
                captured_ns=submission.born_ns,
                at_ns=settlement.at_ns,
                engine=engine,
                frame=frame,
                answer=settlement.answer,
                result=result,
                reusable=settlement.reusable,
                lost=lost,
                gap=gap,
            )
        )
        return kept

    # The recording's own thread.

    def _run(self) -> None:
        try:
            while self._step():
                pass
        except Exception:
            log.exception("the recording's thread failed; nothing more is recorded")
            with self._lock:
                self._failed, self._why = self._failed + 1, "the recording's thread failed"
        finally:
            with self._lock:
                self._ended, self._writing = True, False
            self._place.close()
            del self._collection  # it refers back: what it holds would wait for the collector

    def _step(self) -> bool:
        """One moment, or one beat; False when the session is over."""
        status = self._session_status()
        self._collection.look(status)
        try:
            item = self._queue.get(timeout=BEAT_S)
        except queue.Empty:
            self._write(self._collection.advance(status.at_ns))
            return True
        if item is None:
            self._write(self._collection.end())
            return False
        if isinstance(item, Origin):
            self._description.engine(item)
        else:
            self._streams.setdefault(item.stream, len(self._streams))
            self._write(self._collection.add(item))
        return True

    def _write(self, clips: list[Clip]) -> None:
        for clip in clips:
            with self._lock:
                self._writing = True
            begin_s = time.monotonic()
            try:
                name = write_clip(
                    self._place,
                    clip,
                    self._streams,
                    self._description.recorded_engine(),
                    self._description.recorded_settings(),
                    blank=self._blank,
                    rest=lambda busy_s: self._hurry.wait(REST * busy_s),
                )
            except (OSError, SonoedgeError) as error:
                why = error.strerror if isinstance(error, OSError) else str(error)
                log.warning("a clip cannot be written: %s", why)
                with self._lock:
                    self._failed, self._why = self._failed + 1, why or type(error).__name__
            else:
                seconds = time.monotonic() - begin_s
                log.info("%s: %d frames in %.1f s", name, len(clip.moments), seconds)
                with self._lock:
                    self._clips += (name,)
            for moment in clip.moments:
                self._release(moment)
        with self._lock:
            self._writing = self._collection.in_the_making

    def _release(self, moment: Moment) -> None:
        if moment.frame is None or moment.lost:
            return
        with self._lock:
            self._held_bytes -= moment.size
        if moment.reusable:
            self._buffers.give_back(moment.frame.pixels)
