from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from sonoedge.bundle import read_bundle
from sonoedge.bundle.unlisted import unlisted_files
from sonoedge.cli import main
from sonoedge.trust.keyring import Keyring
from sonoedge.trust.keyring_changes import key_row
from sonoedge.trust.policy import TrustPolicy
from sonoedge.trust.signing import generate_key_pair

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


def signing(place: Path, *sign: str) -> list[str]:
    """An export's words, quick ones, and those that sign."""
    words = ["export", str(place / "recipe.toml"), "--out", str(place / "bundle")]
    return [*words, "--variants", "onnxruntime-fp32", "--latency-from", str(TINY), *sign]


def test_a_bundle_is_put_in_its_place_signed(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = generate_key_pair(workplace / "k.pem")
    assert main(signing(workplace, "--sign", str(workplace / "k.pem"))) == 0
    assert f"signed by {key.id}" in capsys.readouterr().out
    row = key_row(key)
    keyring = Keyring(version=1, root_threshold=1, root=(row,), release_threshold=1, release=(row,))
    bundle = read_bundle(workplace / "bundle", trust=TrustPolicy(keyring=keyring))
    assert bundle.vouched.keys == {key}
    assert unlisted_files(bundle.open_folder, bundle.manifest) == ()


def test_a_signer_that_fails_leaves_no_bundle_and_the_earlier_one_in_its_place(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generate_key_pair(workplace / "k.pem")
    public = ["--sign-public", str(workplace / "k.pub.pem")]
    failing = ["--sign-with", f"{sys.executable} -c 'import sys; sys.exit(3)'", *public]
    assert main(signing(workplace, *failing)) == 5
    assert "TRUST_ERROR" in capsys.readouterr().err
    assert not (workplace / "bundle").exists()
    shutil.copytree(TINY, workplace / "bundle")
    before = (workplace / "bundle" / "manifest.json").read_bytes()
    assert main(signing(workplace, *failing, "--force")) == 5
    assert (workplace / "bundle" / "manifest.json").read_bytes() == before
    assert [p.name for p in workplace.iterdir() if "draft" in p.name] == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--sign", "absent.pem"], "absent.pem cannot be read"),
        (["--sign-with", "cat"], "go together"),
        (["--sign-with", "no-such-program", "--sign-public", "k.pub.pem"], "names no program"),
        (["--sign-with", "'", "--sign-public", "k.pub.pem"], "No closing quotation"),
        (["--sign-with", "", "--sign-public", "k.pub.pem"], "names no program"),
    ],
)
def test_what_could_not_sign_is_refused_before_anything_is_read(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    generate_key_pair(tmp_path / "k.pem")
    assert main(["export", "none.toml", "--out", "bundle", *words]) == 2
    assert why in capsys.readouterr().err
