from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge_export.prune.job import STATE, claim


def test_a_folder_is_claimed_once_and_found_again_by_the_same_pruning(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    claim(out, ["weights", {"a": 1, "b": 2}])
    claim(out, ["weights", {"b": 2, "a": 1}])
    (out / "step1").mkdir()
    with pytest.raises(InvalidSettings, match="other weights or settings"):
        claim(out, ["weights", {"a": 1, "b": 3}])


def test_a_folder_in_which_nothing_was_done_yet_is_free_for_other_settings(tmp_path: Path) -> None:
    claim(tmp_path / "out", "a try that ended at once")
    claim(tmp_path / "out", "the next")
    (tmp_path / "out" / "step1").mkdir()
    claim(tmp_path / "out", "the next")


@pytest.mark.parametrize("text", ["", '{"key', "{}", "[]", '{"key": 1}'])
def test_a_damaged_state_is_refused_with_a_remedy(text: str, tmp_path: Path) -> None:
    claim(tmp_path / "out", "pruning")
    (tmp_path / "out" / STATE).write_text(text)
    with pytest.raises(InvalidSettings, match=r"cannot be resumed: state\.json.*another --out"):
        claim(tmp_path / "out", "pruning")
