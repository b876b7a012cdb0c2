"""The verb, and the commands of docs/how-to/evidence.md in their order on an exported bundle."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sonoedge.cli import main

ROOT = Path(__file__).parents[3]
TINY = ROOT / "tests" / "data" / "tiny"
GUIDE = ROOT / "docs" / "how-to" / "evidence.md"
# What makes a command of the guide quick: it is run to see that it works.
QUICK = {
    "bench": "--duration 1 --variant onnxruntime-fp32",
    "reliability": "--quick --only submit",
    "provision": "--rounds 1",
}


def blocks() -> list[str]:
    """The guide's blocks of commands."""
    return re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)


def marks(folder: Path, section: str) -> list[str]:
    """The marks of a section's rows."""
    document = json.loads((folder / "evidence.json").read_text())
    (found,) = [s for s in document["sections"] if s["name"] == section]
    return [row["mark"] for table in found["tables"] for row in table["rows"]]


@pytest.fixture
def place(workplace: Path, exported: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle that was exported today, an older one, a key, a test run."""
    shutil.copytree(exported, workplace / "BUNDLE")
    shutil.copytree(TINY, workplace / "OLD")
    shutil.copytree(workplace / "frames", workplace / "set")
    (workplace / "set" / "frames.json").rename(workplace / "set" / "FRAMES.json")
    monkeypatch.chdir(workplace)
    assert main(["keygen", "release.pem"]) == 0
    return workplace


def test_the_guides_commands_make_a_pack_that_has_every_part(place: Path) -> None:
    typed = [line for block in blocks() if "jq" not in block for line in block.strip().splitlines()]
    assert len(typed) >= 9
    for line in typed:
        words = shlex.split(line.replace("FRAMES.json", "set/FRAMES.json"))
        if words[0] == "python":  # the whole test run: a small one stands in for it
            (place / "tests.xml").write_text(
                '<testsuites><testsuite timestamp="2026-01-02T03:04:05"><testcase '
                'classname="tests.house.test_light_import" '
                'name="test_the_command_line_loads_nothing_more_before_its_verb_is_known"/>'
                "</testsuite></testsuites>"
            )
            continue
        assert words[0] == "sonoedge"
        assert main([*words[1:], *QUICK.get(words[1], "").split()]) == 0, line
        if "reliability.json" in words and words[1] == "evidence":
            for section in ("performance", "gates", "latency", "reliability", "provision"):
                assert marks(place / "evidence", section), section
        if "--junit" in words:
            assert {"pass", "fail"} <= set(marks(place / "evidence", "trace"))
        if "--against" in words and words[1] == "evidence":
            assert "undecided" in marks(place / "evidence", "against")  # of 8 frames
    document = json.loads((place / "evidence" / "index.json").read_text())
    assert document["bundle_id"].startswith("dark-spots-1-")
    assert (place / "evidence" / "index.dsse.json").is_file()
    if shutil.which("openssl") is None or shutil.which("jq") is None:
        pytest.skip("needs openssl and jq for what the guide checks the pack with")
    (recipe,) = [block for block in blocks() if "jq" in block]
    shutil.copy("release.pub.pem", "evidence")
    check = ["bash", "-euo", "pipefail", "-c", recipe]
    done = subprocess.run(check, cwd="evidence", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout
    (place / "evidence" / "cells.csv").write_text("other")
    assert subprocess.run(check, cwd="evidence", capture_output=True, check=False).returncode != 0


def test_a_removed_test_turns_its_requirement_red(tmp_path: Path) -> None:
    requirements = tmp_path / "r.toml"
    tests = [f"tests/test_x.py::test_{n}" for n in "ab"]
    requirements.write_text(
        f'[[requirement]]\nid = "R1"\ntext = "It holds."\ntests = {json.dumps(tests)}\n'
    )
    hazards = tmp_path / "h.toml"
    hazards.write_text(
        '[[hazard]]\nid = "H1"\nhazard = "a"\nsituation = "b"\nharm = "c"\n'
        'left_to_the_manufacturer = "d"\n[[hazard.control]]\ntext = "e"\nrequirements = ["R1"]\n'
    )
    case = '<testcase classname="tests.test_x" name="test_{}"/>'
    words = ["evidence", str(TINY), "--requirements", str(requirements), "--hazards", str(hazards)]
    words += ["--junit", str(tmp_path / "t.xml"), "--out", str(tmp_path / "pack")]
    for names, mark in (("ab", "pass"), ("a", "fail")):
        cases = "".join(case.format(name) for name in names)
        (tmp_path / "t.xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
        assert main([*words, "--force"]) == 0
        assert marks(tmp_path / "pack", "trace").count("fail") == (2 if mark == "fail" else 0)
        assert mark in marks(tmp_path / "pack", "hazards")
    page = (tmp_path / "pack" / "evidence.html").read_text()
    assert "TEST GONE" in page


@pytest.mark.parametrize(
    ("words", "code", "token"),
    [
        (["absent", "--out", "pack"], 5, "BUNDLE_NOT_FOUND"),
        (["bundle", "--out", "bundle"], 2, "INVALID_SETTINGS"),
        (["bundle", "--out", "pack", "--bench", "bad.json"], 2, "INVALID_DATA"),
        (["bundle", "--out", "pack", "--bench", "bundle/manifest.json"], 2, "INVALID_DATA"),
        (["bundle", "--out", "pack", "--junit", "bad.json"], 2, "INVALID_DATA"),
        (["bundle", "--out", "pack", "--requirements", "bad.json"], 2, "INVALID_DATA"),
        (["bundle", "--out", "pack", "--hazards", "absent.toml"], 2, "INVALID_DATA"),
        (["bundle", "--out", "pack", "--against", "absent"], 5, "BUNDLE_NOT_FOUND"),
        (["bundle", "--out", "pack", "--key", "absent.pem"], 2, "INVALID_SETTINGS"),
        (["bundle", "--out", "bad.json/pack"], 2, "OUTPUT_ERROR"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line_and_nothing_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    token: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(TINY, "bundle")
    Path("bad.json").write_text('{"schema": "sonoedge-bench-3", "schema": 1')
    before = {p.name for p in tmp_path.iterdir()}
    assert main(["evidence", *words]) == code
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert f": {token}: " in line
    assert {p.name for p in tmp_path.iterdir()} == before


def test_a_pack_that_is_there_stays_unless_it_may_be_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evidence", str(TINY), "--out", str(tmp_path / "pack")]
    assert main(words) == 0
    assert re.search(r"0 rows failed, 0 undecided, 10 passed", capsys.readouterr().out)
    assert main(words) == 2
    assert "give --force to replace it" in capsys.readouterr().err
    assert main([*words, "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["undecided"] == 0


def test_a_checked_audit_log_has_its_chapter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "init", str(tmp_path / "log")]) == 0
    capsys.readouterr()
    assert main(["audit", "verify", str(tmp_path / "log"), "--json"]) == 0
    checked = tmp_path / "audit.json"
    checked.write_text(capsys.readouterr().out)
    words = ["evidence", str(TINY), "--audit", str(checked), "--out", str(tmp_path / "pack")]
    assert main(words) == 0
    assert marks(tmp_path / "pack", "audit").count("undecided") == 2  # no key, and no anchor


def test_no_torch_and_no_engine_is_loaded_for_a_pack(tmp_path: Path) -> None:
    code = (
        "import sys; from sonoedge.cli import main; "
        f"assert main(['evidence', {str(TINY)!r}, '--out', {str(tmp_path / 'pack')!r}]) == 0; "
        "assert not {'torch', 'onnx', 'onnxruntime', 'openvino', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
