"""OpenIGTLink servers of others as sources: Debian's C++ library, and pyigtl."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from archives import free_port
from sonoedge.errors import SourceError
from sonoedge.sources.igtl import IgtlAddress, igtl
from sonoedge.sources.picture import Contents

EXAMPLES = Path("/usr/share/doc/openigtlink-examples/examples/Imager")


@pytest.fixture(scope="module")
def imager(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("g++") is None or not EXAMPLES.is_dir():
        pytest.skip("needs g++ and Debian's libopenigtlink-dev and openigtlink-examples")
    program = tmp_path_factory.mktemp("igtl") / "imager"
    source = EXAMPLES / "ImagerServer.cxx"
    words = ["g++", "-w", "-I/usr/include/openigtlink", str(source), "-o", str(program)]
    subprocess.run([*words, "-lOpenIGTLink", "-lpthread"], check=True, timeout=120)
    return program


def connected(port: int, process: subprocess.Popen[bytes], device: str | None = None) -> Contents:
    """The source, once the peer listens."""
    end = time.monotonic() + 20
    while True:
        try:
            return igtl(IgtlAddress(host="127.0.0.1", port=port, device=device))
        except SourceError:
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.mark.req("R59")
def test_a_hundred_pictures_of_the_c_library_are_its_files(imager: Path) -> None:
    port = free_port()
    files = {path.read_bytes() for path in (EXAMPLES / "img").glob("*.raw")}
    words = [str(imager), str(port), "50", str(EXAMPLES / "img")]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        try:
            contents = connected(port, process)
            with closing(contents), closing(contents.pictures()) as pictures:
                read = list(islice(pictures, 100))
        finally:
            process.kill()
    assert len(read) == 100
    assert all(picture.pixels.tobytes() in files for picture in read)
    assert len({picture.pixels.tobytes() for picture in read}) == 5  # it shows so many in turn
    assert all(picture.spacing_mm is None for picture in read)  # 1 x 1: it does not know


PYIGTL = """
import sys, time
import numpy as np, pyigtl
server = pyigtl.OpenIGTLinkServer(port=int(sys.argv[1]), local_server=True)
level = 0
while True:
    level = level % 250 + 1
    pixels = np.full((1, 12, 16), level, np.uint8)
    message = pyigtl.ImageMessage(pixels, device_name="Image_Reference")
    message.header_version = int(sys.argv[2])
    if sys.argv[2] == "2":
        message.metadata = {"unit": "micron", "DepthMm": "40"}
    if server.is_connected():
        server.send_message(message, wait=True)
    time.sleep(0.02)
"""


@pytest.mark.req("R59")
@pytest.mark.parametrize("version", ["1", "2"])
def test_pyigtl_is_read_with_either_version_of_header(version: str) -> None:
    pytest.importorskip("pyigtl", reason="needs pyigtl")
    port = free_port()
    words = [sys.executable, "-W", "ignore", "-c", PYIGTL, str(port), version]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        try:
            contents = connected(port, process, "Image_Reference")
            with closing(contents), closing(contents.pictures()) as pictures:
                frames = list(islice(pictures, 5))
        finally:
            process.kill()
    assert all(frame.pixels.shape == (12, 16) for frame in frames)
    levels = [int(frame.pixels[0, 0]) for frame in frames]
    assert all(np.all(f.pixels == level) for f, level in zip(frames, levels, strict=True))
    assert levels == sorted(levels)
    assert len(set(levels)) == 5
