from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sonoedge.cli import main

TINY = Path(__file__).parents[2] / "data" / "tiny"


@pytest.mark.parametrize("out", ["thesis", "bundle"])
def test_the_target_is_judged_before_anything_is_read(
    tmp_path: Path, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis").mkdir()
    shutil.copytree(TINY, tmp_path / "bundle")
    before = (tmp_path / "bundle" / "manifest.json").read_bytes()
    # The recipe is not even there: the target comes first.
    assert main(["export", str(tmp_path / "none.toml"), "--out", str(tmp_path / out)]) == 2
    error = capsys.readouterr().err
    assert ("is no bundle" in error) == (out == "thesis")
    assert ("give --force" in error) == (out == "bundle")
    assert (tmp_path / "bundle" / "manifest.json").read_bytes() == before


def test_force_replaces_a_bundle(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = shutil.copytree(TINY, workplace / "bundle")
    (bundle / "stale.txt").write_text("of the bundle before")
    recipe = str(workplace / "recipe.toml")
    words = ["export", recipe, "--out", str(bundle), "--variants", "onnxruntime-fp32"]
    assert main([*words, "--latency-from", str(bundle), "--force"]) == 0
    assert not (bundle / "stale.txt").exists()
    table = capsys.readouterr().out
    assert "100.0 %" in table
