"""Real archives for tests: Orthanc, and dcmtk's storescp, which can be told to fail."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

STORESCP = Path("/usr/bin/storescp")  # pynetdicom installs one of the same name
PLUGINS = Path("/usr/share/orthanc/plugins")
_START_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Orthanc:
    """A running Orthanc.

    Attributes:
        dicom, http: its ports on the loopback.
    """

    dicom: int
    http: int

    @property
    def url(self) -> str:
        """Its DICOMweb service."""
        return f"http://127.0.0.1:{self.http}/dicom-web"

    def get(self, path: str) -> bytes:
        """What its own interface answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}{path}", timeout=10) as answer:
            data: bytes = answer.read()
            return data

    def counts(self) -> tuple[int, int, int]:
        """Studies, series and instances that it holds."""
        values: dict[str, Any] = json.loads(self.get("/statistics"))
        return tuple(values[f"Count{kind}"] for kind in ("Studies", "Series", "Instances"))  # type: ignore[return-value]


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def orthanc(folder: Path) -> Iterator[Orthanc]:
    """An Orthanc of the test's own, ended with it."""
    program = shutil.which("Orthanc", path="/usr/sbin:/usr/bin")
    if program is None or not PLUGINS.is_dir():
        pytest.skip("needs Orthanc (Debian: orthanc, orthanc-dicomweb)")
    made = Orthanc(dicom=free_port(), http=free_port())
    settings = {
        "StorageDirectory": str(folder / "DB"),
        "IndexDirectory": str(folder / "DB"),
        "HttpPort": made.http,
        "DicomPort": made.dicom,
        "DicomAet": "ORTHANC",
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomAlwaysAllowStore": False,
        "DicomCheckModalityHost": True,
        "DicomCheckCalledAet": True,
        "DicomModalities": {"sonoedge": ["SONOEDGE", "127.0.0.1", 11112]},
        "Plugins": [str(PLUGINS)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with running([program, "orthanc.json"], folder, made.http):
        yield made


@contextmanager
def storescp(folder: Path, *options: str) -> Iterator[int]:
    """dcmtk's storescp; gives its port."""
    if not STORESCP.exists():
        pytest.skip("needs storescp (Debian: dcmtk)")
    port = free_port()
    words = [str(STORESCP), "-od", str(folder), "+xa", *options, str(port)]
    with running(words, folder, port):
        yield port


@contextmanager
def running(words: list[str], folder: Path, port: int) -> Iterator[None]:
    """A program, from when it listens to the end of the block."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log)
    try:
        end_s = time.monotonic() + _START_S
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < end_s, "it does not listen"
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()
