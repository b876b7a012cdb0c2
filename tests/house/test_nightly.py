"""What `make test` has only a sample of is run in full by `make nightly`."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_file_that_has_a_sample_is_a_nightly_one(repository: Path) -> None:
    text = (repository / "Makefile").read_text()
    listed = re.search(r"^NIGHTLY := (.*?[^\\])$", text, re.MULTILINE | re.DOTALL)
    assert listed is not None
    names = [name for name in listed[1].split() if name != "\\"]
    tests = repository / "tests"
    # The samples of an archive come with the fixture's writer.
    words = re.compile(r"\bNIGHTLY\b|SONOEDGE_NIGHTLY|\bsample_size\(|\bwrite_hospital\b")
    sampled = [
        file.relative_to(repository).as_posix()
        for file in tests.rglob("test_*.py")
        if file != Path(__file__) and words.search(file.read_text())
    ]
    assert "def write_hospital(" in (tests / "archive_samples.py").read_text()
    assert sorted(names) == sorted(sampled)
