"""The file is whole at every moment, and a disk that fails ends nothing."""

from __future__ import annotations

import logging
import os
import stat
import threading
from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings, OutputError
from sonoedge.metrics import MetricsFile
from sonoedge.metrics.textfile import write_textfile


def test_another_user_may_read_it_whatever_the_umask_is(tmp_path: Path) -> None:
    file = tmp_path / "sonoedge.prom"
    before = os.umask(0o077)
    try:
        write_textfile(file, "a 1\n")
        write_textfile(file, "a 2\n")
    finally:
        os.umask(before)
    assert file.read_text() == "a 2\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert os.listdir(tmp_path) == ["sonoedge.prom"]  # noqa: PTH208 - names alone


def test_a_reader_never_sees_half_of_it(tmp_path: Path) -> None:
    file, texts = tmp_path / "m.prom", ("a" * 50_000, "b" * 60_000)
    write_textfile(file, texts[0])
    over = threading.Event()
    seen = set()

    def read() -> None:
        while not over.is_set():
            seen.add(file.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(50):
        write_textfile(file, texts[number % 2])
    over.set()
    reader.join()
    assert seen <= set(texts)


@pytest.mark.parametrize("name", ["metrics.txt", "metrics", ".prom"])
def test_a_name_that_no_collector_reads_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidSettings, match=r"\*\.prom"):
        MetricsFile(tmp_path / name, lambda: "")


def test_a_folder_that_is_none_is_told_at_once_without_its_name(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as error:
        MetricsFile(tmp_path / "absent" / "m.prom", lambda: "")
    assert "absent" not in str(error.value)


def test_it_is_written_again_and_again_and_once_more_at_the_end(tmp_path: Path) -> None:
    numbers = iter(range(10_000))
    third = threading.Event()

    def text() -> str:
        number = next(numbers)
        if number == 3:
            third.set()
        return f"a {number}\n"

    made = MetricsFile(tmp_path / "m.prom", text, every_s=0.001)
    assert third.wait(30)
    made.close()
    last = (tmp_path / "m.prom").read_text()
    assert int(last.split()[1]) == next(numbers) - 1
    made.close()
    assert (tmp_path / "m.prom").read_text() == last


def test_a_disk_that_fails_is_told_once_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = MetricsFile(tmp_path / "m.prom", lambda: "a 1\n", every_s=3600)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "MUELLER_ANNA")

    with caplog.at_level(logging.WARNING), monkeypatch.context() as patch:
        patch.setattr("sonoedge.metrics.textfile.write_textfile", full)
        made._write()
        made._write()
    assert [r.getMessage() for r in caplog.records] == [
        "the metrics cannot be written: No space left on device"
    ]
    (tmp_path / "m.prom").unlink()
    made.close()
    assert (tmp_path / "m.prom").read_text() == "a 1\n"
