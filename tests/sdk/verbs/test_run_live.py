"""`sonoedge run --live` as a process on a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shlex
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from archives import free_port
from sonoedge.errors import InvalidSettings
from sonoedge.verbs.run import run

TINY = Path(__file__).parents[2] / "data" / "tiny"
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
PATIENCE_S = 60.0


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(30):
        pixels = np.random.default_rng(i).integers(140, 200, (120, 160), dtype=np.uint8)
        cv2.circle(pixels, (60, 60), 20, (10,), -1)
        cv2.imwrite(str(folder / f"{i:02d}.png"), pixels)
    return folder


def command(source: Path, *options: str) -> list[str]:
    verb = [sys.executable, "-m", "sonoedge", "run", str(TINY), str(source), "--live"]
    return [*verb, "--runtime", "onnxruntime", *options]


class Session:
    """A process whose error output is a terminal of 100 x 30."""

    def __init__(self, words: list[str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=slave, env=environment | {"TERM": "xterm"}
        )
        os.close(slave)
        os.set_blocking(self._master, False)
        self.seen = ""

    def until(self, pattern: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not re.search(pattern, self.seen):
            assert time.monotonic() < end, self.seen[-2000:]
            self._read()
            time.sleep(0.02)

    def finish(self) -> tuple[int, str]:
        assert self.process.stdout is not None
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < end:
            self._read()  # a terminal that nobody reads would hold the process up
            time.sleep(0.01)
        with self.process.stdout as pipe:
            out = pipe.read().decode()
        while self._read():
            pass
        os.close(self._master)
        return self.process.wait(0), out

    def _read(self) -> bool:
        try:
            more = os.read(self._master, 65536)
        except OSError:  # nothing there yet, or the other end is closed
            return False
        self.seen += more.decode(errors="replace")
        return bool(more)


def test_a_terminal_shows_state_and_counters_and_the_sum_comes_at_the_end(
    pictures: Path, tmp_path: Path
) -> None:
    out = tmp_path / "frames.jsonl"
    session = Session(command(pictures, "--fps", "20", "--json", "--jsonl", str(out)))
    session.until(r"READY   onnxruntime fp32   age \d")
    code, printed = session.finish()
    assert code == 0, session.seen
    report = json.loads(printed)
    assert report["ended"] == "source ended"
    assert report["submitted"] == 30
    done = report["analysed"] + sum(report["not_analysed_by_reason"].values())
    assert done + report["superseded"] + report["in_flight"] == 30
    assert report["in_flight"] == 0
    assert "frames    30 = analysed" in session.seen
    assert report["age_ms"]["results"] == report["analysed"]
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(lines) == done
    assert {line["file"] for line in lines} == {"pictures"}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_with_the_sum(pictures: Path, number: int, code: int) -> None:
    session = Session(command(pictures, "--fps", "2", "--json"))
    session.until("READY   onnxruntime")
    session.process.send_signal(number)
    ended, printed = session.finish()
    assert ended == code, session.seen
    assert json.loads(printed)["submitted"] < 30


def test_without_a_terminal_a_log_gets_plain_lines(pictures: Path) -> None:
    done = subprocess.run(
        command(pictures, "--fps", "50"), capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stderr + done.stdout
    assert done.stderr.count("READY") == 1
    assert "submitted               30" in done.stdout
    assert "age ms                  p50 " in done.stdout
    assert "{" not in done.stdout


def test_a_folder_without_a_rate_is_refused_by_what_was_given(
    pictures: Path, tmp_path: Path
) -> None:
    out = tmp_path / "frames.jsonl"
    out.write_text("earlier")
    done = subprocess.run(
        command(pictures, "--jsonl", str(out)), capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 2
    assert "--fps" in done.stderr
    assert "realtime" not in done.stderr
    assert not out.exists()


def test_a_session_in_which_every_frame_is_refused_has_its_own_exit_code(tmp_path: Path) -> None:
    dark = tmp_path / "dark"
    dark.mkdir()
    for i in range(3):
        cv2.imwrite(str(dark / f"{i}.png"), np.full((120, 160), i, dtype=np.uint8))
    done = subprocess.run(
        command(dark, "--fps", "5"), capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 7, done.stderr
    assert "NOTHING_ANALYSED: not one of 3 frames was analysed: CONSTANT 3" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("nowhere", "--fps", "5"), "BUNDLE_NOT_FOUND"),
        ((str(TINY), "--fps", "5", "--audit", "nowhere"), "no audit log"),
    ],
)
def test_what_cannot_begin_leaves_the_results_of_the_run_before(
    pictures: Path, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    out = tmp_path / "a.jsonl"
    out.write_text("earlier\n")
    bundle, *others = options
    ended = subprocess.run(
        [sys.executable, "-m", "sonoedge", "run", bundle, str(pictures), "--live", *others]
        + ["--jsonl", str(out)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert ended.returncode not in (0, 1), ended.stderr
    assert words in ended.stderr
    assert (tmp_path / "a.jsonl.earlier").read_text() == "earlier\n"
    assert not out.exists()  # nor taken for the results of this one


def test_a_full_disk_ends_it_with_an_error_and_the_sum(pictures: Path) -> None:
    words = command(pictures, "--fps", "20", "--json", "--jsonl", "/dev/full")
    ended = subprocess.run(words, capture_output=True, text=True)
    assert ended.returncode == 2, ended.stderr
    assert "OUTPUT_ERROR: cannot write /dev/full: No space left on device" in ended.stderr
    assert json.loads(ended.stdout)["submitted"] > 0


def test_it_ends_when_the_reader_of_its_lines_has_gone(pictures: Path) -> None:
    words = command(pictures, "--fps", "1", "--jsonl", "-")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(PATIENCE_S) == 141


def test_a_candidate_runs_beside_and_is_in_the_summary(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "frames.jsonl"
    words = ["--fps", "10", "--json", "--jsonl", str(out), "--shadow", str(TINY)]
    done = subprocess.run(
        command(pictures, *words, "--shadow-every", "2"),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    shadow = report["shadow"]
    assert shadow["bundle_id"].startswith("dark-spots-1-")
    assert 0 < shadow["due"] <= report["submitted"] // 2
    assert shadow["compared"] + sum(shadow["not_compared"].values()) <= shadow["due"]
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(lines) == report["analysed"] + sum(report["not_analysed_by_reason"].values())


def test_a_candidate_that_is_none_is_refused_before_anything_runs(
    pictures: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        command(pictures, "--fps", "10", "--shadow", str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 5
    assert "BUNDLE_NOT_FOUND" in done.stderr


NOISE = """
import os, time
number = 0
while True:
    number += 1
    grey = bytes((number * 7 + i * i * 31) % 97 + 120 for i in range(160 * 120))
    os.write(1, b"P5 160 120 255\\n" + grey)
    time.sleep(0.03)
"""


@pytest.mark.parametrize("live", [True, False])
def test_a_command_is_a_source_and_results_do_not_name_it(tmp_path: Path, live: bool) -> None:
    long = "#" + "x" * 400  # longer than a file's name may be
    pipe = f"pipe:{shlex.join([sys.executable, '-c', NOISE + long])}"
    lines = tmp_path / "r.jsonl"
    words = [sys.executable, "-m", "sonoedge", "run", str(TINY), pipe, "--limit", "5"]
    words += ["--runtime", "onnxruntime", "--jsonl", str(lines), *(["--live"] if live else [])]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    rows = [json.loads(line) for line in lines.read_text().splitlines()]
    assert 0 < len(rows) <= 5 if live else len(rows) == 5, done.stderr  # live: the newest wins
    assert {row["file"] for row in rows} == {"pipe"}


def test_a_run_that_ends_after_its_source_was_lost_says_so(tmp_path: Path) -> None:
    few = NOISE.replace("while True:", "while number < 20:") + "time.sleep(600)\n"
    pipe = f"pipe:{shlex.join([sys.executable, '-c', few])}"
    words = [sys.executable, "-m", "sonoedge", "run", str(TINY), pipe, "--live", "--json"]
    with (
        (tmp_path / "log").open("w+") as log,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        end = time.monotonic() + PATIENCE_S
        while "SOURCE_LOST" not in (tmp_path / "log").read_text() and time.monotonic() < end:
            time.sleep(0.05)
        process.terminate()
        report = json.loads(process.communicate(timeout=PATIENCE_S)[0])
    assert report["state"].endswith(", SOURCE_LOST")


def test_a_log_tells_why_a_source_was_lost(tmp_path: Path) -> None:
    few = NOISE.replace("while True:", "while number < 20:") + "raise SystemExit('no probe')\n"
    pipe = f"pipe:{shlex.join([sys.executable, '-c', few])}"
    words = [sys.executable, "-m", "sonoedge", "run", str(TINY), pipe, "--live"]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=log) as process,
    ):
        end = time.monotonic() + PATIENCE_S
        while "no probe" not in (tmp_path / "log").read_text() and time.monotonic() < end:
            time.sleep(0.05)
        process.terminate()
    lost = next(row for row in (tmp_path / "log").read_text().splitlines() if "no probe" in row)
    assert re.match(r"READY, SOURCE_LOST .* has ended with code 1 .*: no probe$", lost)


def test_a_client_is_told_of_a_live_run(pictures: Path) -> None:
    pytest.importorskip("fastcrc", reason="needs the extra igtl")
    port = free_port()
    options = ("--igtl-out", str(port), "--fps", "5")
    with subprocess.Popen(command(pictures, *options), stdout=subprocess.DEVNULL) as process:
        told, end = b"", time.monotonic() + PATIENCE_S
        while b"ANALYSED\0" not in told and time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", port), 1) as link:
                    while b"ANALYSED\0" not in told and (data := link.recv(4096)):
                        told += data
            except OSError:
                time.sleep(0.05)
        process.terminate()
    assert b"ANALYSED\0" in told
    assert b"POLYDATA" in told


@pytest.mark.parametrize(
    "options",
    [("--igtl-out", "18945"), ("--live", "--bind", "0.0.0.0"), ("--live", "--igtl-out", "0")],
)
def test_options_for_clients_that_make_no_sense_are_refused(options: tuple[str, ...]) -> None:
    with pytest.raises(InvalidSettings):
        run([str(TINY), "clip.mp4", *options])


def test_a_client_is_told_of_a_lost_source_and_not_what_a_command_printed() -> None:
    pytest.importorskip("fastcrc", reason="needs the extra igtl")
    port = free_port()
    few = NOISE.replace("while True:", "while number < 20:") + "raise SystemExit('JANE DOE')\n"
    pipe = f"pipe:{shlex.join([sys.executable, '-c', few])}"
    words = [sys.executable, "-m", "sonoedge", "run", str(TINY), pipe, "--live"]
    words += ["--igtl-out", str(port), "--igtl-overlay"]
    told, end = b"", time.monotonic() + PATIENCE_S
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, stdout=quiet, stderr=quiet) as process:
        while b"SOURCE_LOST" not in told and time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as link:
                    while b"SOURCE_LOST" not in told and (data := link.recv(1 << 16)):
                        told += data
            except OSError:
                time.sleep(0.05)
        process.terminate()
    assert b"NOT ANALYSED: SOURCE_LOST" in told
    assert b"JANE" not in told
