from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from studies.signed_opening import main

TINY = Path(__file__).parent.parent / "data/tiny"
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


def test_a_round_opens_the_bundle_with_and_without_its_signature(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", ":".join(filter(None, sys.path)))
    kept = tmp_path / "kept.json"
    assert main([str(TINY), "--rounds", "2", "--json", str(kept)]) == 0
    samples = json.loads(kept.read_text())
    assert [len(samples[name]) for name in ("signed_ms", "unsigned_ms")] == [2, 2]
    assert min(samples["signed_ms"] + samples["unsigned_ms"]) > 0
    assert "cost_ms" in capsys.readouterr().out


def test_without_its_keyring_no_signature_is_demanded_and_with_it_one_is(tmp_path: Path) -> None:
    from sonoedge.errors import SonoedgeError
    from studies.signed_opening import open_once

    assert open_once(TINY, tmp_path / "absent") > 0
    (tmp_path / "keyring").write_bytes(b"{")
    with pytest.raises(SonoedgeError):
        open_once(TINY, tmp_path / "keyring")
