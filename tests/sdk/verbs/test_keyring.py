"""The commands of docs/how-to/signing.md, one after the other, on a device made of folders."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sonoedge.bundle import read_bundle
from sonoedge.cli import main
from sonoedge.errors import KeyRevoked, SignatureMissing
from sonoedge.trust.policy import read_policy

ROOT = Path(__file__).parents[3]
TINY = ROOT / "tests" / "data" / "tiny"
GUIDE = ROOT / "docs" / "how-to" / "signing.md"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(TINY, tmp_path / "bundle")
    return tmp_path


def _run(*words: str) -> None:
    assert main(list(words)) == 0, words


def _device(place: Path) -> Path:
    """Keys, a signed bundle, and a device that trusts the release key."""
    _run("keygen", "root.pem")
    _run("keygen", "release.pem")
    _run("sign", "bundle", "--key", "release.pem")
    words = ["--root", "root.pub.pem", "--release", "release.pub.pem", "--key", "root.pem"]
    _run("keyring", "new", *words, "--out", "1.keyring.json")
    (place / "keyrings").mkdir()
    shutil.copy("1.keyring.json", "keyrings")
    policy = place / "trust.json"
    policy.write_text(json.dumps({"keyrings": str(place / "keyrings")}))
    return policy


def test_a_signed_bundle_runs_on_the_device_and_an_unsigned_one_does_not(place: Path) -> None:
    policy = read_policy(_device(place))
    assert read_bundle("bundle", trust=policy).vouched.keys
    with pytest.raises(SignatureMissing):
        read_bundle(TINY, trust=policy)


def test_a_revoked_key_stops_counting_with_the_next_keyring(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = _device(place)
    release = json.loads(_shown(capsys, "1.keyring.json"))["release"][0]["keyid"]
    _run("keygen", "next.pem")
    words = ["--release", "next.pub.pem:dark-spots", "--revoke", release[:12], "--floor", "x=4"]
    _run("keyring", "next", "1.keyring.json", *words, "--key", "root.pem", "--out", "2.json")
    _run("keyring", "update", "keyrings", "2.json")
    with pytest.raises(KeyRevoked):
        read_bundle("bundle", trust=read_policy(policy))
    _run("sign", "bundle", "--add", "--key", "next.pem")
    assert read_bundle("bundle", trust=read_policy(policy)).vouched.keys
    assert json.loads(_shown(capsys, "keyrings"))["floors"] == {"x": 4}


def test_a_second_root_key_signs_later(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _device(place)
    _run("keygen", "root-b.pem")
    words = ["--root", "root-b.pub.pem", "--key", "root.pem", "--out", "2.json"]
    _run("keyring", "next", "1.keyring.json", *words, "--root-threshold", "2")
    assert main(["keyring", "update", "keyrings", "2.json"]) == 5
    assert "SIGNATURE_INVALID" in capsys.readouterr().err
    _run("keyring", "sign", "2.json", "--key", "root-b.pem")
    _run("keyring", "update", "keyrings", "2.json")


def test_show_is_readable(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _device(place)
    _run("keyring", "show", "keyrings")
    text = capsys.readouterr().out
    assert "keyring version 1" in text
    assert re.findall(r"[0-9a-f]{16}  (.*)", text) == ["root", "release, any bundle"]
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["keyring", "show", "absent.json"], 2, "cannot be read"),
        (["keyring", "show", "bundle/manifest.json"], 5, "no signed envelope"),
        (["keyring", "update", "bundle", "1.keyring.json"], 5, "it has none"),
        (["sign", "bundle"], 2, "nobody signs"),
        (["sign", "bundle", "--with", "cat"], 2, "go together"),
        (["sign", "absent", "--key", "root.pem"], 5, "is no bundle"),
        (["sign", "bundle", "--key", "absent.pem"], 2, "cannot be read"),
        (["keygen", "root.pem"], 2, "never overwritten"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    place: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, why: str
) -> None:
    _device(place)
    capsys.readouterr()
    assert main(words) == code
    error = capsys.readouterr().err
    assert why in error
    assert len(error.strip().splitlines()) == 1


def test_openssl_and_jq_verify_a_bundle_by_the_guides_recipe(place: Path) -> None:
    if shutil.which("openssl") is None or shutil.which("jq") is None:
        pytest.skip("needs openssl and jq")
    _device(place)
    recipe = next(
        b for b in re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL) if "jq" in b
    )
    shutil.copy("release.pub.pem", "bundle")
    done = subprocess.run(
        ["bash", "-euc", recipe], cwd="bundle", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout


def _shown(capsys: pytest.CaptureFixture[str], path: str) -> str:
    capsys.readouterr()
    _run("keyring", "show", path, "--json")
    return capsys.readouterr().out
