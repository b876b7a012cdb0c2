"""The unit: what systemd says of it, for every runtime, and what it refuses to be made of."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.runtime import RUNTIMES
from sonoedge.service.unit import HIDDEN, UnitSettings, socket_unit, unit

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
SERVE = ("serve", "/var/lib/sonoedge/bundle", "--socket", "/run/sonoedge/sonoedge.sock")


def settings(**changes: object) -> UnitSettings:
    # systemd looks for the command; this one is there wherever tests are run.
    values = {"program": "/bin/true", "words": SERVE, "runtime": "onnxruntime"} | changes
    return UnitSettings(**values)  # type: ignore[arg-type]


def read(text: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser["Service"]


CASES = {
    **{name: settings(runtime=name) for name in (*RUNTIMES, "auto")},
    "camera": settings(camera=True),
    "gpu": settings(gpu=True),
    "socket": settings(socket_unit=True, group="video"),
    "folders": settings(writable=["/var/lib/prometheus/node-exporter", "/srv/audit"]),
}


def analyze(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    assert ANALYZE is not None
    return subprocess.run([ANALYZE, *words], cwd=folder, capture_output=True, text=True)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[UnitSettings], Path]:
    def write(settings: UnitSettings) -> Path:
        made = socket_unit("/run/sonoedge/sonoedge.sock", mode="0660", group=None)
        (tmp_path / "sonoedge.socket").write_text(made)
        (tmp_path / "sonoedge.service").write_text(unit(settings))
        return tmp_path

    return write


@needs_systemd
@pytest.mark.parametrize("name", CASES)
def test_systemd_has_nothing_to_say_of_it(
    name: str, written: Callable[[UnitSettings], Path]
) -> None:
    units = ["./sonoedge.service", *["./sonoedge.socket"] * CASES[name].socket_unit]
    done = analyze(written(CASES[name]), "verify", *units)
    # It ends with 0 where it does not know a key, and says so.
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.req("R53")
@pytest.mark.parametrize("name", CASES)
def test_it_is_as_narrow_as_systemd_can_see(
    name: str, written: Callable[[UnitSettings], Path]
) -> None:
    words = ("security", "--offline=yes", "--no-pager", "--threshold=10", "./sonoedge.service")
    done = analyze(written(CASES[name]), *words)
    assert done.returncode == 0, done.stdout[-300:]


@needs_systemd
def test_what_systemd_does_not_know_would_be_seen(
    written: Callable[[UnitSettings], Path],
) -> None:
    folder = written(settings())
    text = (folder / "sonoedge.service").read_text()
    (folder / "sonoedge.service").write_text(text.replace("PrivateTmp", "PrivateTemp"))
    assert "PrivateTemp" in analyze(folder, "verify", "./sonoedge.service").stderr
    (folder / "sonoedge.service").write_text(text.replace("SystemCallFilter=", "#"))
    words = ("security", "--offline=yes", "--no-pager", "--threshold=10", "./sonoedge.service")
    assert analyze(folder, *words).returncode == 1


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_memory_that_is_written_is_executed_by_compilers_alone(runtime: str) -> None:
    service = read(unit(settings(runtime=runtime)))
    assert ("MemoryDenyWriteExecute" in service) is (runtime in ("onnxruntime", "litert"))


def test_devices_are_opened_where_they_are_named() -> None:
    plain, camera, gpu = read(unit(settings())), read(unit(CASES["camera"])), unit(CASES["gpu"])
    assert plain["PrivateDevices"] == "yes"
    assert "SupplementaryGroups" not in plain
    assert (camera["DevicePolicy"], camera["DeviceAllow"]) == ("closed", "char-video4linux rw")
    assert "PrivateDevices" not in camera
    assert "DeviceAllow=char-nvidia rw" in gpu
    assert "SupplementaryGroups=video render" in gpu
    assert "DeviceAllow=char-nvidia rw" in unit(settings(runtime="tensorrt"))


def test_systemds_socket_outlives_the_service() -> None:
    text = unit(CASES["socket"])
    assert "RuntimeDirectoryPreserve=yes" in text
    assert "Requires=sonoedge.socket" in text
    assert "Group=video\n" in text
    assert "Preserve" not in unit(settings())


@pytest.mark.parametrize("folder", HIDDEN)
def test_a_program_in_a_folder_that_the_unit_hides_is_refused(folder: str) -> None:
    with pytest.raises(InvalidSettings, match="is hidden"):
        settings(program=f"{folder}/venv/bin/sonoedge")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"words": ("serve", "/home/anna/bundle")}, "is hidden"),
        ({"words": ("serve", "/tmp/bundle")}, "is hidden"),
        ({"program": "sonoedge"}, "no absolute path"),
        ({"writable": ["relative"]}, "no absolute path"),
        ({"words": ("serve", "/srv/two words")}, "cannot stand"),
        ({"words": ("serve", "/srv/%h")}, "cannot stand"),
        ({"words": ("serve", "/srv/$HOME")}, "cannot stand"),
        ({"user": "a\nExecStart=/bin/sh"}, "cannot stand"),
        ({"group": "a\nExecStart=/bin/sh"}, "cannot stand"),
        ({"memory": ""}, "cannot stand"),
    ],
)
def test_what_the_unit_would_hide_or_systemd_read_otherwise_is_refused(
    changes: dict[str, object], word: str
) -> None:
    with pytest.raises(InvalidSettings, match=word):
        settings(**changes)


@pytest.mark.parametrize("path", ["relative.sock", "/run/two words", ""])
def test_a_socket_has_an_absolute_plain_path(path: str) -> None:
    with pytest.raises(InvalidSettings):
        socket_unit(path, mode="0660", group=None)
