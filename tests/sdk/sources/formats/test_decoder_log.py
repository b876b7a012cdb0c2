"""sources/formats/decoder_log.py"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Generator
from pathlib import Path

import pytest

from sonoedge.sources.formats.decoder_log import DecoderLog


@pytest.fixture
def log() -> Generator[DecoderLog, None, None]:
    log = DecoderLog()
    yield log
    log.close()


def test_what_a_call_prints_is_taken_and_passed_on(
    log: DecoderLog, capfd: pytest.CaptureFixture[str]
) -> None:
    assert log.call(lambda: os.write(2, b"Cannot convert")) == (14, b"Cannot convert")
    assert log.call(lambda: "quiet") == ("quiet", b"")
    assert capfd.readouterr().err == "Cannot convert"


def test_lines_that_are_dropped_are_taken_and_not_passed_on(
    log: DecoderLog, capfd: pytest.CaptureFixture[str]
) -> None:
    printed = b"[a] expected\nof another thread\n[b] expected\n"
    _, text = log.call(lambda: os.write(2, printed), dropped=re.compile(rb"\["))
    assert text == printed
    assert capfd.readouterr().err == "of another thread\n"


def test_standard_error_is_back_after_a_call_that_raises(
    log: DecoderLog, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ZeroDivisionError):
        log.call(lambda: 1 // 0)
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


def test_more_text_than_the_pipe_holds_does_not_block(
    log: DecoderLog, capfd: pytest.CaptureFixture[str]
) -> None:
    def print_much() -> None:
        with contextlib.suppress(BlockingIOError):
            for _ in range(100):
                os.write(2, bytes(4096))

    _, text = log.call(print_much)
    assert 0 < len(text) <= 1 << 16


def test_no_descriptor_is_left_behind(log: DecoderLog) -> None:
    fds = Path("/proc/self/fd")
    before = sum(1 for _ in fds.iterdir())
    for _ in range(5):
        log.call(lambda: None)
    assert sum(1 for _ in fds.iterdir()) == before
