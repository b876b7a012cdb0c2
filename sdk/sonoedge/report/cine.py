"""Every frame of a DICOM recording, analysed by the rules of live use, on its own clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysis
from sonoedge.closing import Closing
from sonoedge.errors import SourceError
from sonoedge.frames import Frame
from sonoedge.sources.child.reader import isolated
from sonoedge.sources.formats import DICOM
from sonoedge.sources.source import Source


class Cine(Closing):
    """The frames of one DICOM file, decoded in a process of their own.

    Args:
        path: the file.
        frames: what its header says.
        fps: frames per second, in place of the file's own times.

    Attributes:
        passes: how often each frame comes: once for each tissue region.
        followed: the frames have times, so that regions can be followed over them.
        fps: frames per second; None where nobody says.

    Raises:
        SourceError: it cannot be read.
        InvalidSettings: `fps` is not positive.
    """

    def __init__(self, path: Path, *, frames: int, fps: float | None = None) -> None:
        contents = isolated(DICOM.reader, path)
        count = contents.count or 0
        if count < frames or count % frames:
            contents.close()
            raise SourceError(f"{path.name} changed while it was read; make the report anew")
        self._name, self._frames = path.name, frames
        self.passes = count // frames
        try:
            self._source = Source(contents, fps=fps)
        except BaseException:
            contents.close()
            raise
        self.followed = frames > 1 and self._source.recorded
        self.fps = self._source.fps

    def __iter__(self) -> Iterator[tuple[int, Frame]]:
        """Each picture's number in the file, from 1, and the picture.

        Raises:
            SourceError: one cannot be decoded, or fewer come than the header said.
        """
        number = 0
        for number, frame in enumerate(self._source, 1):
            yield (number - 1) % self._frames + 1, frame
        if number != self._frames * self.passes:
            raise SourceError(
                f"{self._name} gave {number} pictures where {self._frames * self.passes} were "
                "expected; is it complete?"
            )

    def analysed(self, analyser: Analyser) -> Iterator[tuple[int, Frame, Analysis]]:
        """Each picture with its analysis; where nothing is followed, each stands alone."""
        for number, frame in self:
            analysis = analyser.analyse(frame)
            if not self.followed:
                analyser.forget()
            yield number, frame, analysis

    def close(self) -> None:
        """End the process that decodes; closing twice is harmless."""
        self._source.close()
