from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import OutputError
from sonoedge.outputs.new_file import write_new


def test_a_new_file_has_its_permissions_and_nothing_is_written_over(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    write_new(file, b"secret", 0o600, instead="keys are never overwritten")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"secret", 0o600)
    with pytest.raises(OutputError, match=r"key\.pem exists already; keys are never overwritten"):
        write_new(file, b"another", instead="keys are never overwritten")
    assert file.read_bytes() == b"secret"


def test_where_it_cannot_be_written_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a\.json cannot be written: No such file"):
        write_new(tmp_path / "none" / "a.json", b"1", instead="name another file")
