from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings, OutputError
from sonoedge.outputs.place import check_output


def test_a_place_is_judged_before_the_work(tmp_path: Path) -> None:
    check_output("--json", None, tmp_path)
    check_output("--json", tmp_path / "new" / "figures.json")
    assert (tmp_path / "new").is_dir()
    with pytest.raises(OutputError, match="--json is a folder"):
        check_output("--json", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--json cannot be written"):
        check_output("--json", tmp_path / "file" / "figures.json")
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(OutputError, match="--json cannot be written"):
        check_output("--json", tmp_path / "round")
    with pytest.raises(OutputError, match=r"--json cannot be written \(File name too long\)"):
        check_output("--json", tmp_path / ("x" * 300))


def test_no_folder_is_made_for_what_would_be_refused(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "manifest.json").write_text("{}")
    with pytest.raises(InvalidSettings, match="--json lies in the bundle"):
        check_output("--json", tmp_path / "bundle" / "new" / "a.json", tmp_path / "bundle")
    assert not (tmp_path / "bundle" / "new").exists()
