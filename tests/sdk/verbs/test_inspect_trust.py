"""What inspect tells of a bundle's origin, on a device made of folders."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from sonoedge.cli import main
from sonoedge.trust.policy import TrustPolicy, read_policy
from sonoedge.verbs import inspect as verb

TINY = Path(__file__).parents[2] / "data" / "tiny"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A signed bundle, and a device that trusts its key and keeps grants."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(TINY, "bundle")
    for name in ("root", "release"):
        assert main(["keygen", f"{name}.pem"]) == 0
    assert main(["sign", "bundle", "--key", "release.pem"]) == 0
    device(monkeypatch, tmp_path)
    return tmp_path


def device(monkeypatch: pytest.MonkeyPatch, place: Path, *more: str) -> None:
    shutil.rmtree("keyrings", ignore_errors=True)
    for folder in ("keyrings", "grants"):
        Path(folder).mkdir(exist_ok=True)
    words = ["--root", "root.pub.pem", "--release", "release.pub.pem", "--key", "root.pem", *more]
    assert main(["keyring", "new", *words, "--out", "keyrings/1.keyring.json"]) == 0
    fields = {name: str(place / name) for name in ("keyrings", "grants")}
    (place / "trust.json").write_text(json.dumps(fields | {"device": "cart-7"}))

    def policy() -> TrustPolicy:
        return read_policy(place / "trust.json")

    monkeypatch.setattr(verb, "read_policy", policy)


def inspected(capsys: Capture, code: int = 0) -> tuple[str, dict[str, Any]]:
    """The text, and the JSON."""
    capsys.readouterr()
    assert main(["inspect", "bundle"]) == code
    text = capsys.readouterr().out
    assert main(["inspect", "bundle", "--json"]) == code
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return text, data


def test_who_signed_the_threshold_and_the_floor_are_told(place: Path, capsys: Capture) -> None:
    text, data = inspected(capsys)
    assert "1 key of 1 needed, by keyring version 1" in text
    assert "version 0; this device runs 0 or newer" in text
    assert "unlisted" not in text
    assert data["signed"]
    assert (data["signature"]["threshold"], data["signature"]["keyring_version"]) == (1, 1)
    (row,) = data["signature"]["signatures"]
    assert row == {"key_id": data["vouched_by"][0], "state": "counts"}
    assert (data["floor"], data["grant"], data["unlisted_files"]) == (0, None, [])


def test_files_that_the_manifest_does_not_name_are_told_and_act_on_no_terminal(
    place: Path, capsys: Capture
) -> None:
    Path("bundle/more.onnx").write_text("")
    Path(os.fsdecode(b"bundle/\x1b[2J\xff")).write_text("")
    text, data = inspected(capsys)
    assert "2 files that no digest covers" in text
    assert "more.onnx" in text
    assert "\x1b" not in text
    assert sorted(data["unlisted_files"]) == [os.fsdecode(b"\x1b[2J\xff"), "more.onnx"]


def test_a_bundle_below_the_floor_is_refused_until_a_grant_lets_it_run(
    place: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    device(monkeypatch, place, "--floor", "dark-spots=2")
    text, data = inspected(capsys, 5)
    assert "refused by this device" in text
    assert "1 key of 1 needed" in text
    assert data["refused"]["token"] == "ROLLBACK_REFUSED"
    grant = ["grant", "new", "bundle", "--device", "cart-7", "--counter", "4", "--key", "root.pem"]
    assert main([*grant, "--out", "grants/4.grant.json"]) == 0
    text, data = inspected(capsys)
    assert "version 0; this device runs 2 or newer, and this one by grant 4" in text
    assert (data["floor"], data["grant"]["counter"]) == (2, 4)
    assert not Path("grants/used.json").exists()


def test_of_a_refused_bundle_the_signatures_are_shown_and_nothing_else(
    place: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = json.loads(Path("bundle/manifest.json").read_text())
    Path("bundle/manifest.json").write_text(json.dumps(data | {"intended_use": "anything"}))
    text, shown = inspected(capsys, 5)
    assert "dark-spots" not in text
    assert "anything" not in text + json.dumps(shown)
    assert shown["refused"]["token"] == "SIGNATURE_INVALID"
    Path("bundle/manifest.dsse.json").unlink()
    text, shown = inspected(capsys, 5)
    assert "unsigned: nobody vouches for this bundle; this device runs signed bundles only" in text
    assert shown["refused"]["token"] == "SIGNATURE_MISSING"
    os.mkfifo("bundle/manifest.dsse.json")
    assert main(["inspect", "bundle"]) == 5


def test_without_a_keyring_it_says_that_nothing_was_checked(
    place: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "read_policy", TrustPolicy)
    text, data = inspected(capsys)
    assert "no keyring is installed" in text
    assert data["signature"]["signatures"][0]["state"] == "unchecked"
    assert data["floor"] is None
    Path("bundle/manifest.dsse.json").write_text("")
    text, data = inspected(capsys)
    assert "manifest.dsse.json cannot be read, and no keyring is installed" in text
