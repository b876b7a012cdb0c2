"""`sonoedge systemd-unit` prints; what it prints starts commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sonoedge.cli import main

PROGRAM = ["--program", "/opt/sonoedge/bin/sonoedge"]
EXAMPLE = ["--camera", "/dev/video0", "--runtime", "tensorrt", *PROGRAM]


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["systemd-unit", *words]) == 0
    return capsys.readouterr().out


def test_the_example_is_what_the_verb_prints(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = repository / "examples/systemd/sonoedge.service"
    assert example.read_text() == printed(capsys, *EXAMPLE)


def test_programs_bring_the_frames_where_no_camera_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = printed(capsys, *PROGRAM, "--runtime", "onnxruntime", "--group", "clinic")
    (start,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert start.removeprefix("/opt/sonoedge/bin/sonoedge ") == (
        "serve /var/lib/sonoedge/bundle --socket /run/sonoedge/sonoedge.sock --mode 0660 "
        "--runtime onnxruntime"
    )
    assert "\nGroup=clinic\n" in text


def test_folders_that_are_named_can_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(
        capsys,
        "store:/srv/store",
        *PROGRAM,
        *("--audit", "/var/lib/sonoedge/log", "--record", "/srv/clips"),
        *("--metrics", "/var/lib/prometheus/node-exporter/sonoedge.prom", "--writable", "/srv/x"),
    )
    written = re.findall(r"^ReadWritePaths=(.*)$", text, re.MULTILINE)
    assert written == ["/srv/clips", "/var/lib/prometheus/node-exporter", "/srv/store", "/srv/x"]
    assert "--audit /var/lib/sonoedge/log --record /srv/clips --metrics" in text


def test_what_is_recorded_is_blanked_where_that_was_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = printed(capsys, *PROGRAM, "--record", "/srv/clips", "--blank-outside-region")
    assert "--record /srv/clips --blank-outside-region\n" in text


def test_systemds_own_socket_is_a_unit_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--socket-unit", "--group", "clinic")
    assert "ListenSequentialPacket=/run/sonoedge/sonoedge.sock\n" in text
    assert "SocketGroup=clinic\n" in text
    service = printed(capsys, *PROGRAM, "--socket-activated")
    assert "--socket" not in service
    assert "Requires=sonoedge.socket" in service


def test_auto_allows_what_any_engine_needs_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["systemd-unit", *PROGRAM]) == 0
    out, err = capsys.readouterr()
    assert "MemoryDenyWriteExecute" not in out
    assert "name one" in err


def test_a_socket_in_a_folder_that_is_named_can_be_made(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--writable", "/srv/so", "--socket", "/srv/so/so.sock", "--mode", "0600"]
    text = printed(capsys, *PROGRAM, *words, "--memory", "1.5G")
    assert "--socket /srv/so/so.sock --mode 0600" in text
    assert "ReadWritePaths=/srv/so\n" in text
    assert "MemoryMax=1.5G\n" in text


@pytest.mark.parametrize(
    "words",
    [
        ["--camera", "/dev/video0", "--socket", "/run/sonoedge/x.sock"],
        ["--camera", "/dev/video0", "--mode", "0600"],
        ["--camera", "/dev/video0", "--socket-unit"],
        ["--camera", "/dev/video0", "--socket-activated"],
        ["--socket-unit", "--socket-activated"],
        ["--socket-activated", "--socket", "/run/sonoedge/x.sock"],
        ["--socket-activated", "--mode", "0600"],
        ["--blank-outside-region"],
        ["--camera", "/dev/video0", "--record", "/srv/clips", "--blank-outside-region"],
    ],
)
def test_words_of_which_one_would_be_passed_over_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["systemd-unit", *words, *PROGRAM]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("INVALID_SETTINGS")) == ("", 1)


@pytest.mark.parametrize(
    "words",
    [
        ["relative/bundle"],
        ["store:store"],
        ["--camera", "video0"],
        ["--camera", "/srv/scan.mp4"],
        ["--socket", "/run/elsewhere.sock"],
        ["--socket", "sonoedge.sock"],
        ["--socket", "/run/sonoedge/" + 100 * "x"],
        ["--socket-unit", "--socket", "/run/sonoedge/" + 100 * "x"],
        ["--socket-unit", "--mode", "8"],
        ["--mode", "999"],
        ["--memory", "lots"],
        ["--memory", "-1"],
        ["--memory", "0"],
        ["--metrics", "/srv/figures.txt"],
    ],
)
def test_what_the_service_would_refuse_or_systemd_pass_over_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["systemd-unit", *words, *PROGRAM]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("INVALID_SETTINGS")) == ("", 1)


@pytest.mark.parametrize(
    "words", [["/home/anna/bundle"], ["store:/tmp/store"], ["--user", "a b"], ["--record", "x"]]
)
def test_what_cannot_stand_in_a_unit_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["systemd-unit", *words, *PROGRAM]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("INVALID_SETTINGS")) == ("", 1)
