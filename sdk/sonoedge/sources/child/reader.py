"""A reader in a process of its own, as the source that it would be in this one."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sonoedge.closing import Closing
from sonoedge.errors import SonoedgeError
from sonoedge.sources.child.limits import Limits
from sonoedge.sources.child.process import DECODING, Process, Wording
from sonoedge.sources.child.wire import opened_from
from sonoedge.sources.picture import Contents, Picture


class ChildReader(Closing):
    """Reads one file after the other in one process, which is started anew when it dies."""

    def __init__(self, limits: Limits | None = None, *, wording: Wording = DECODING) -> None:
        """Args: `wording` is of the messages of a process that died."""
        self._limits, self._wording = limits or Limits(), wording
        self._process: Process | None = None
        self._ready: tuple[str, Path] | None = None  # what the process has open, and is not reading

    def open(self, reader: str, path: Path) -> Contents:
        """Open a file; its pictures can be read until another one is opened.

        Args:
            reader: "module:function" of the reader.
            path: the file.

        Raises:
            SourceCrashed: the process died of it, or did not answer in time.
            SonoedgeError: what the reader raises.
        """
        if self._process is None or not self._process.alive:
            self._process = Process(self._limits, self._wording)
        process, name = self._process, path.name
        self._ready = None
        request = {"do": "open", "reader": reader, "path": str(path), "name": name}
        process.send(request, name)
        answer = process.receive(self._limits.open_s, name, "to open")
        opened = process.checked(opened_from, answer, name)
        self._ready = (reader, path)
        return Contents(
            name=name,
            pictures=lambda: self._pictures(reader, path),
            close=self.close,
            **opened,
        )

    def close(self) -> None:
        """End the process. Closing twice is harmless; opening a file starts a new one."""
        if self._process is not None:
            self._process.kill()
            self._process = None
        self._ready = None

    def _pictures(self, reader: str, path: Path) -> Generator[Picture, None, None]:
        if self._ready != (reader, path):  # read before, left in the middle, or crashed
            self.open(reader, path)
        process, self._ready = self._process, None
        assert process is not None
        complete = False
        try:
            process.send({"do": "read", "name": path.name}, path.name)
            while True:
                answer = process.receive(self._limits.picture_s, path.name, "for one picture")
                if answer.get("is") == "end":
                    break
                yield process.picture(answer, path.name)
            complete = True
        except SonoedgeError:
            complete = process.alive  # the reader has said what is wrong, and can be asked again
            raise
        finally:
            if not complete:
                process.kill()


def isolated(reader: str, path: Path, limits: Limits | None = None) -> Contents:
    """What a reader gives, from a process of its own that ends when its pictures have ended.

    Raises:
        SourceCrashed: the process died of the file, or did not answer in time.
        SonoedgeError: what the reader raises.
    """
    child = ChildReader(limits)
    try:
        contents = child.open(reader, path)
    except BaseException:
        child.close()
        raise

    def pictures() -> Generator[Picture, None, None]:
        with child, closing(contents.pictures()) as read:
            yield from read

    return replace(contents, pictures=pictures)
