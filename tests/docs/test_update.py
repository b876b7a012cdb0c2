"""The commands and the program of docs/how-to/update.md, one after the other."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from faults.scenario import make_bundle
from sonoedge.cli import main
from sonoedge.store.layout import Layout
from sonoedge.store.state import read_state

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


def blocks(repository: Path, page: str, language: str) -> list[str]:
    text = (repository / "docs" / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def test_the_commands_of_the_guide_run_in_their_order(
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    make_bundle(tmp_path / "earlier", "1")
    assert main(["install", "earlier", "--store", "STORE", "--activate"]) == 0
    assert main(["store", "mark-good", "--store", "STORE"]) == 0
    layout = Layout(root=tmp_path / "STORE")
    first = read_state(layout).active
    make_bundle(tmp_path / "BUNDLE", "2")
    digest, ran = "SHA256", []
    for line in "".join(blocks(repository, "how-to/update.md", "sh")).splitlines():
        program, *words = shlex.split(line)
        assert program == "sonoedge"
        if words[0] == "provision":
            assert words[1] == "STORE/bundles/SHA256"
            continue  # needs TensorRT
        here = [digest if word == "SHA256" else word for word in words]
        limit = [i for i, word in enumerate(here) if word == "--max-ms"]
        for i in limit:
            here[i + 1] = "60000"  # this machine may be busy
        assert main(here) == 0, line
        if words[0] == "install":
            out = capsys.readouterr().out
            digest = re.findall(r"^installed ([0-9a-f]{8})", out, re.MULTILINE)[-1]
        ran.append(" ".join(words[:2]))
    assert len(ran) >= 8
    assert read_state(layout).active == first, "the guide falls back in the end"


def test_the_programs_of_the_pages_run(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = str(tmp_path / "store")
    assert main(["install", str(make_bundle(tmp_path / "b", "1")), "--store", store, "--act"]) == 0
    capsys.readouterr()
    for page in ("how-to/update.md", "reference/store.md"):
        (program,) = blocks(repository, page, "python")
        exec(program.replace("/var/lib/sonoedge/store", store), {})
    choice, folder = capsys.readouterr().out.splitlines()
    assert choice.startswith("onnxruntime-fp32: ")
    assert Path(folder).parent == tmp_path / "store" / "bundles"


def test_the_page_of_the_store_names_every_key_of_the_state(repository: Path) -> None:
    from sonoedge.store import state_schema

    page = (repository / "docs/reference/store.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE)) == set(
        state_schema()["properties"]
    )
