from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sonoedge.bundle import read_bundle
from sonoedge.cli import main
from sonoedge.errors import RollbackRefused
from sonoedge.trust.policy import read_policy

TINY = Path(__file__).parents[2] / "data" / "tiny"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A signed bundle, below the floor of a device made of folders, which needs two root keys."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(TINY, "bundle")
    for name in ("root-a", "root-b", "release"):
        _run("keygen", f"{name}.pem")
    _run("sign", "bundle", "--key", "release.pem")
    words = ["--root", "root-a.pub.pem", "--root", "root-b.pub.pem", "--root-threshold", "2"]
    words += ["--release", "release.pub.pem", "--floor", "dark-spots=2"]
    Path("keyrings").mkdir()
    out = ["--key", "root-a.pem", "--key", "root-b.pem", "--out", "keyrings/1.keyring.json"]
    _run("keyring", "new", *words, *out)
    Path("grants").mkdir()
    fields = {"keyrings": "keyrings", "grants": "grants"}
    absolute = {name: str(tmp_path / folder) for name, folder in fields.items()}
    Path("trust.json").write_text(json.dumps(absolute | {"device": "cart-7"}))
    return tmp_path


def _run(*words: str) -> None:
    assert main(list(words)) == 0, words


NEW = ["grant", "new", "bundle", "--device", "cart-7", "--counter", "1"]


def test_a_grant_of_two_root_keys_lets_an_older_bundle_run(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = read_policy(place / "trust.json")
    _run(*NEW, "--key", "root-a.pem", "--out", "grants/1.grant.json")
    with pytest.raises(RollbackRefused, match="signed by 1"):
        read_bundle("bundle", trust=policy)
    _run("grant", "sign", "grants/1.grant.json", "--key", "root-b.pem")
    assert read_bundle("bundle", trust=policy).vouched.admission is not None
    capsys.readouterr()
    _run("grant", "show", "grants/1.grant.json")
    text = capsys.readouterr().out
    assert "grant 1 for the device cart-7" in text
    assert "2 signatures" in text


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        ([*NEW, "--out", "1.grant.json"], 2, "nobody signs"),
        ([*NEW, "--key", "root-a.pem", "--out", "1.json"], 2, "must end with .grant.json"),
        ([*NEW, "--key", "root-a.pem", "--out", "a.grant.json"], 2, "exists already"),
        ([*NEW, "--key", "root-a.pem", "--out", "no/1.grant.json"], 2, "cannot be written"),
        ([*NEW[:-1], "0", "--key", "root-a.pem", "--out", "1.grant.json"], 2, "counter must be"),
        (["grant", "show", "keyrings/1.keyring.json"], 5, "it is no grant"),
        (["grant", "show", "absent"], 2, "cannot be read"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    place: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, why: str
) -> None:
    (place / "a.grant.json").write_text("")
    capsys.readouterr()
    assert main(words) == code
    error = capsys.readouterr().err
    assert why in error
    assert len(error.strip().splitlines()) == 1
