"""Opening a video file with one of the decoders that are allowed, and with no other."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import cv2

from sonoedge.errors import SourceError
from sonoedge.sources.formats import codecs
from sonoedge.sources.formats.decoder_log import DecoderLog

# The environment and standard error belong to the whole process.
_LOCK: Final = threading.Lock()
# What FFmpeg and OpenCV print of a decoder that does not fit: one line or more per try.
_TRIED: Final = re.compile(rb"\[ ?(ERROR|WARN|INFO)|\[[^\]]* @ 0x")
# Sound's decoders, of which none may run.
_SOUND: Final = re.compile(rb".* not on whitelist")


def find_decoder(path: Path) -> str:
    """The allowed decoder that fits the file's first video stream, by FFmpeg's name.

    Each one is tried in turn, rather than the file asked for its codec: a file's code of
    four letters need not be that of its codec, and a file is asked with its decoder open.

    Raises:
        SourceError: none fits, it is no video, or FFmpeg's errors would not be seen.
    """
    if not cv2.videoio_registry.hasBackend(cv2.CAP_FFMPEG):
        raise SourceError(
            f"{path.name} cannot be opened: this OpenCV was built without FFmpeg, which reads "
            "videos; install opencv-python-headless"
        )
    for variable in codecs.HIDING:
        if variable in os.environ:
            raise SourceError(
                f"{path.name} cannot be decoded in this process: {variable} is set, which hides "
                "what FFmpeg says of frames that it cannot convert; start it without that variable"
            )
    text = b""
    with _LOCK, closing(DecoderLog()) as log:
        for decoder in codecs.DECODERS:
            with _options(decoder):
                capture, printed = log.call(lambda: _capture(path), dropped=_TRIED)
            opened = capture.isOpened()
            capture.release()
            if opened:
                return decoder
            text += printed
    if names := codecs.refused(text):
        raise SourceError(
            f"{path.name} is encoded as {' and '.join(names)}, which is not decoded: read are "
            f"{codecs.READ}; encode it anew, for instance without loss: "
            "ffmpeg -i IN -map 0:v:0 -c:v ffv1 OUT.mkv"
        )
    raise _no_video(path)


def open_capture(path: Path, decoder: str, parameters: Sequence[int] = ()) -> cv2.VideoCapture:
    """The file, opened; no other decoder than the one that is named runs.

    Raises:
        SourceError: it cannot be opened with that decoder.
    """
    with _LOCK, closing(DecoderLog()) as log, _options(decoder):
        capture, _ = log.call(lambda: _capture(path, parameters), dropped=_SOUND)
    if not capture.isOpened():
        capture.release()
        raise _no_video(path)
    return capture


def _capture(path: Path, parameters: Sequence[int] = ()) -> cv2.VideoCapture:
    # From the root: a name such as "concat:a" would be an address to FFmpeg. FFmpeg alone:
    # OpenCV would go on to try its other readers.
    return cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG, list(parameters))


@contextmanager
def _options(decoder: str) -> Generator[None, None, None]:
    """OpenCV reads the environment whenever it opens a file, and offers no other way.

    The host's own options are for its own captures, and there again afterwards.
    """
    before = os.environ.get(codecs.VARIABLE)
    os.environ[codecs.VARIABLE] = codecs.options(decoder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[codecs.VARIABLE]
        else:
            os.environ[codecs.VARIABLE] = before


def _no_video(path: Path) -> SourceError:
    return SourceError(
        f"{path.name} cannot be opened as a video; is it complete, and does a player open it?"
    )
