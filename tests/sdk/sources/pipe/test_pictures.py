"""The pictures of commands, and how they end."""

from __future__ import annotations

import shlex
import shutil
import sys
from contextlib import closing
from itertools import islice

import numpy as np
import pytest

from sonoedge.errors import SourceError, StreamRefused
from sonoedge.sources import open_source
from sonoedge.sources.pipe import command_from, pipe

HEAD = "P5 6 4 255\\n"


def python(script: str) -> str:
    return f"pipe:{shlex.quote(sys.executable)} -c {shlex.quote(script)}"


@pytest.mark.req("R61")
def test_pictures_are_what_the_command_wrote() -> None:
    script = (
        f"import os,time\nfor i in (1, 2): os.write(1, b'{HEAD}' + bytes([i]) * 24)\n"
        "os.write(1, b'P6\\n1 1\\n255\\n' + bytes([1, 2, 3]))\ntime.sleep(60)"
    )
    contents = pipe(command_from(python(script)))
    with closing(contents), closing(contents.pictures()) as pictures:
        *grey, colour = list(islice(pictures, 3))
    assert [p.pixels.shape for p in grey] == [(4, 6), (4, 6)]
    assert [np.unique(p.pixels).tolist() for p in grey] == [[1], [2]]
    assert colour.pixels.tolist() == [[[3, 2, 1]]]


@pytest.mark.req("R61")
def test_what_ffmpeg_writes_is_read() -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("needs ffmpeg")
    spec = "pipe:ffmpeg -loglevel error -f lavfi -i testsrc2=size=322x240 -f image2pipe -c:v "
    with open_source(f"{spec} pgm -pix_fmt gray -") as source:
        assert next(iter(source)).pixels.shape == (240, 322)
    with open_source(f"{spec} ppm -") as source:
        assert next(iter(source)).pixels.shape == (240, 322, 3)


@pytest.mark.req("R61")
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import sys; sys.exit('no such camera')", "ended with code 1.*no such camera"),
        ("import os; os.kill(os.getpid(), 11)", "ended with code -11"),
        (f"import os; os.write(1, b'{HEAD}abc')", "CLOSED_IN_MESSAGE"),
        (f"import os; os.write(1, b'{HEAD}' + bytes(25))", "CLOSED_IN_MESSAGE"),
        (f"import os; os.write(1, b'{HEAD}' + bytes(24) + b'Opening the camera')", "BAD_IMAGE"),
        ("import os; os.write(1, bytes(307200))", "BAD_IMAGE"),
    ],
)
def test_a_command_that_ends_or_writes_no_picture_is_an_error_that_says_how(
    script: str, message: str
) -> None:
    with pytest.raises(SourceError, match=message), open_source(python(script)) as source:
        list(source)


def test_a_command_that_writes_nothing_is_no_live_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonoedge.sources.pipe.pictures._FIRST_S", 0.2)
    contents = pipe(command_from("pipe:sleep 60"))
    with closing(contents), closing(contents.pictures()) as pictures:  # noqa: SIM117 - it is closed after
        with pytest.raises(StreamRefused) as caught:
            next(pictures)
    assert caught.value.why == "TIMEOUT"
