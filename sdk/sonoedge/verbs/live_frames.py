"""A source's frames in real time: of a file when they are due, of a device the newest."""

from __future__ import annotations

from collections.abc import Generator

from sonoedge import sources
from sonoedge.closing import Closing
from sonoedge.errors import InvalidSettings
from sonoedge.frames import Frame
from sonoedge.sources.given_spacing import Spacing
from sonoedge.sources.live import given_device, is_folder
from sonoedge.sources.watch import Watch, WatchStatus

_WAIT_S = 0.1  # as often as a terminal is drawn


class LiveFrames(Closing):
    """Frames of a file, each when it is due, or the newest of a device."""

    def __init__(self, source: sources.Source | None, watch: Watch | None) -> None:
        self._watch, self._source = watch, source
        self._frames: Generator[Frame, None, None] | None = iter(source) if source else None

    def next(self) -> Frame | None:
        """A frame; None where a device has none just now.

        Raises:
            StopIteration: the file has ended.
        """
        if self._frames is not None:
            return next(self._frames)
        picture = None if self._watch is None else self._watch.take(_WAIT_S)
        if picture is None:
            return None
        stamp = {} if picture.captured_ns is None else {"captured_ns": picture.captured_ns}
        return Frame(
            pixels=picture.pixels,
            spacing_mm=picture.spacing_mm,
            roi_px=picture.roi_px,
            meta=picture.meta,
            pixel_aspect=picture.pixel_aspect,
            **stamp,
        )

    def status(self) -> WatchStatus | None:
        """How a device does; None where frames come from a file."""
        return None if self._watch is None else self._watch.status()

    def close(self) -> None:
        """Leave the source. Closing twice is harmless."""
        if self._watch is not None:
            self._watch.close()
        if self._source is not None:
            self._source.close()


def open_live_frames(
    source: str, fps: float | None, spacing_mm: Spacing | None = None
) -> LiveFrames:
    """Open whatever a source's name names, to be read in real time.

    Args:
        spacing_mm: of a device that does not say its own.

    Raises:
        InvalidSettings: it is a folder, and no `fps` is given; or a spacing is given to what is
            no device.
        SonoedgeError: it cannot be opened.
    """
    device = given_device(source, spacing_mm)
    if device is not None:
        # Opened once here, so that a wrong name is an error and no lost device.
        return LiveFrames(None, Watch(device, first=device()))
    if fps is None and is_folder(source):
        raise InvalidSettings(
            f"{source} is a folder: its pictures have no times to replay by; say how many "
            "a second there are with --fps"
        )
    return LiveFrames(
        sources.open_source(source, realtime=True, fps=fps, continue_on_error=True), None
    )
