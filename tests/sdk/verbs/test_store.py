from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from faults.scenario import make_bundle, passed
from sonoedge.bundle import read_bundle
from sonoedge.cli import main
from sonoedge.store import activate, install_bundle, mark_good
from sonoedge.store.layout import Layout
from sonoedge.trust.policy import TrustPolicy
from sonoedge.verbs.store import LINES

UNSIGNED = TrustPolicy()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A store at S: one bundle that was marked good, and one that is installed; their digests."""
    monkeypatch.chdir(tmp_path)
    first = install_bundle(Path("S"), make_bundle(tmp_path / "a", "1"), trust=UNSIGNED)
    activate(Path("S"), first, trust=UNSIGNED, test=passed)
    mark_good(Path("S"), trust=UNSIGNED, test=passed)
    return first, install_bundle(Path("S"), make_bundle(tmp_path / "b", "2"), trust=UNSIGNED)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["store", *words, "--store", "S", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_life_of_an_update(store: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    first, second = store
    report = printed(capsys, "activate", second[:8])
    assert report["active"] == second
    assert report["self_test"]["frames"] == 50
    assert printed(capsys, "mark-good") == {"good": second}
    assert printed(capsys, "fall-back") == {"active": first}
    rows = {b["sha256"]: b["role"] for b in printed(capsys, "status")["bundles"]}
    assert rows == {first: "active", second: "installed"}
    assert printed(capsys, "gc") == {"removed": [second], "in_use": []}
    assert printed(capsys, "recover") == {"drafts": False, "link": False, "modes": False}


def test_a_store_without_an_active_bundle_says_the_whole_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    install_bundle(Path("S"), make_bundle(tmp_path / "a", "1"), trust=UNSIGNED)
    assert main(["store", "status", "--store", "S"]) == 0
    assert "run: sonoedge store activate SHA256 --store STORE" in capsys.readouterr().out


def test_a_status_can_be_read(store: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    first, second = store
    activate(Path("S"), second, trust=UNSIGNED, test=passed)
    assert main(["store", "fall-back", "--store", "S"]) == 0
    assert capsys.readouterr().out == f"active: {first}\n"
    assert main(["store", "status", "--store", "S"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line[10:]: line[:10].rstrip() for line in lines if line[10:] in store}
    assert rows == {first: "active", second: "installed"}
    assert f"last fall back: from {second[:12]}..., ASKED_FOR: somebody asked for it" in lines
    assert max(map(len, lines)) <= 80


def test_verify_says_what_is_damaged_and_ends_with_5(
    store: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    first, _ = store
    assert main(["store", "verify", "--store", "S"]) == 0
    graph = Layout(root=Path("S").absolute()).bundle(first) / "graphs/fp32.onnx"
    graph.chmod(0o644)
    graph.write_bytes(b"\0" * graph.stat().st_size)
    capsys.readouterr()
    assert main(["store", "verify", "--store", "S"]) == 5
    assert "DIGEST_MISMATCH: graphs/fp32.onnx" in capsys.readouterr().out


def test_errors_come_with_their_token_and_code(
    store: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for words, code, token in (
        (["fall-back", "--store", "S"], 5, "NO_GOOD_BUNDLE"),
        (["activate", "00000000", "--store", "S"], 5, "BUNDLE_NOT_FOUND"),
        (["activate", "00", "--store", "S"], 2, "INVALID_SETTINGS"),
        (["status", "--store", "nowhere"], 2, "STORE_ERROR"),
        (["mark-good", "--store", "S", "--max-ms", "0"], 2, "INVALID_SETTINGS"),
    ):
        assert main(["store", *words]) == code
        assert f"sonoedge store: {token}: " in capsys.readouterr().err


def test_other_verbs_take_a_store_where_they_take_a_bundle(
    store: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    first, _ = store
    assert main(["inspect", "store:S", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["manifest_sha256"] == first
    frame = Layout(root=Path("S").absolute()).bundle(first) / "golden/frame000.png"
    assert main(["run", "store:S", str(frame), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["analysed"] == 1
    assert main(["provision", "store:S", "--runtime", "onnxruntime", "--rounds", "1"]) == 0
    assert Layout(root=Path("S").absolute()).provision(first).joinpath("provision.json").is_file()
    assert read_bundle("store:S").lease is not None


@pytest.mark.parametrize("action", LINES)
def test_every_action_explains_itself(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["store", action, "--help"])
    assert end.value.code == 0
    assert "--store STORE" in capsys.readouterr().out
