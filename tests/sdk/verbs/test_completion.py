from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sonoedge.cli import VERBS
from sonoedge.verbs.completion import SHELLS, completion, options

OPTIONS = {"run": ("--help", "--jsonl", "--json", "--fps"), "inspect": ("--help",)}


def completed(words: list[str], tmp_path: Path) -> list[str]:
    """What bash offers for the last of these words."""
    script = tmp_path / "completion.bash"
    script.write_text(SHELLS["bash"](OPTIONS))
    line = " ".join(f"'{word}'" for word in ["sonoedge", *words])
    done = subprocess.run(
        ["bash", "-c", f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; "
         '_sonoedge; printf "%s\\n" "${COMPREPLY[@]}"'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_verbs_and_a_verbs_own_options(tmp_path: Path) -> None:
    assert completed(["r"], tmp_path) == ["run"]
    assert completed(["run", "bundle", "--js"], tmp_path) == ["--jsonl", "--json"]
    assert completed(["inspect", "--"], tmp_path) == ["--help"]
    assert completed(["run", "pict"], tmp_path) == []  # files: the shell's own completion


def test_a_verbs_options_are_those_of_its_help() -> None:
    names = options(VERBS["run"][1])
    assert {"--help", "--jsonl", "--overlay", "--runtime", "--keep-warm"} <= set(names)
    assert len(names) == len(set(names))


def test_a_verb_that_is_not_installed_has_no_options_and_stops_nothing() -> None:
    assert options("sonoedge_absent.cli:probe") == ()


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_a_script_with_every_verb(
    shell: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sonoedge.verbs.completion.options", lambda path: ("--help",))
    assert completion([shell]) == 0
    script = capsys.readouterr().out
    assert all(verb in script for verb in VERBS)


def test_fish_is_given_each_option_of_its_verb() -> None:
    script = SHELLS["fish"](OPTIONS)
    assert "complete -c sonoedge -n '__fish_seen_subcommand_from run' -l jsonl" in script
