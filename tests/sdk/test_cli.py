from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import sonoedge
from sonoedge import cli
from sonoedge.errors import GateFailed, MissingDependency
from sonoedge.install import install_command

Verb = Callable[[Sequence[str]], int]
Plant = Callable[[Verb], None]


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Makes a function the verb `probe`."""

    def put(verb: Verb) -> None:
        module = ModuleType("planted_verb")
        vars(module)["probe"] = verb
        monkeypatch.setitem(sys.modules, "planted_verb", module)
        monkeypatch.setattr(cli, "VERBS", {"probe": ("a verb", "planted_verb:probe")})

    return put


def test_a_verb_gets_the_rest_of_the_line_and_its_answer_is_the_exit_code(plant: Plant) -> None:
    seen: list[str] = []

    def probe(argv: Sequence[str]) -> int:
        seen.extend(argv)
        return 7

    plant(probe)
    assert cli.main(["probe", "bundle", "--help", "--json"]) == 7
    assert seen == ["bundle", "--help", "--json"]


def test_without_a_verb_the_verbs_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    said = capsys.readouterr()
    assert not said.out
    assert all(f"  {verb:12} {line}" in said.err for verb, (line, _) in cli.VERBS.items())


def test_of_an_unknown_verb_the_one_that_was_meant_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["expotr"])
    assert stopped.value.code == 2
    assert "'expotr' is unknown (did you mean export?)" in capsys.readouterr().err


def test_an_error_of_ours_is_one_line_with_its_token_and_exit_code(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    def probe(argv: Sequence[str]) -> int:
        raise GateFailed("no variant passed; relax the gate")

    plant(probe)
    assert cli.main(["probe"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "sonoedge probe: GATE_FAILED: no variant passed; relax the gate\n"


def test_any_other_error_is_not_hidden(plant: Plant) -> None:
    def probe(argv: Sequence[str]) -> int:
        raise ZeroDivisionError

    plant(probe)
    with pytest.raises(ZeroDivisionError):
        cli.main(["probe"])


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt(), 130), (BrokenPipeError(), 141)])
def test_an_interrupt_and_a_closed_pipe_end_as_shells_expect(
    plant: Plant, raised: BaseException, code: int
) -> None:
    def probe(argv: Sequence[str]) -> int:
        raise raised

    plant(probe)
    assert cli.main(["probe"]) == code


def test_help_lists_every_verb_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--help"])
    assert end.value.code == 0
    out = capsys.readouterr().out
    for verb, (line, _) in cli.VERBS.items():
        assert any(verb in row and line in row for row in out.splitlines())


def test_an_unknown_verb_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["nonsense"])
    assert end.value.code == 2
    assert "VERB" in capsys.readouterr().err


def test_a_part_of_sonoedge_that_is_not_installed_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "VERBS", {"probe": ("a verb", "sonoedge_absent.cli:probe")})
    assert cli.main(["probe"]) == MissingDependency.exit_code
    assert "pip install" in capsys.readouterr().err


def test_a_typing_error_in_a_module_name_is_not_taken_for_a_missing_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cli, "VERBS", {"probe": ("a verb", "sonoedge.vrebs:probe")})
    with pytest.raises(ModuleNotFoundError, match=r"sonoedge\.vrebs"):
        cli.main(["probe"])


def test_a_verb_whose_package_is_missing_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(path: str) -> object:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr("sonoedge.runtime.resolve", missing)
    assert cli.main(["export", "recipe.toml"]) == 4
    assert install_command("export") in capsys.readouterr().err
    assert cli.main(["bench", "bundle"]) == 4
    assert install_command("bench") in capsys.readouterr().err


def test_the_version_is_printed_with_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"sonoedge {sonoedge.__version__}\n"


def process(code: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """A process whose one verb is `probe`, with this body."""
    program = f"""
import sys, types
from sonoedge import cli
module = types.ModuleType("planted_verb")
def probe(argv):
{textwrap.indent(textwrap.dedent(code), "    ")}
module.probe = probe
sys.modules["planted_verb"] = module
cli.VERBS.clear()
cli.VERBS["probe"] = ("a verb", "planted_verb:probe")
sys.exit(cli.main(["probe"]))
"""
    return subprocess.run(
        [sys.executable, "-c", program], stderr=subprocess.PIPE, text=True, check=False, **options
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("code", ["print('x'); return 0", "print('x', flush=True); return 0"])
def test_an_output_that_takes_nothing_more_is_an_error_of_ours_and_no_traceback(code: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = process(code, stdout=full)
    assert done.returncode == 2
    assert done.stderr == (
        "sonoedge probe: OUTPUT_ERROR: cannot write the output: No space left on device\n"
    )


def test_a_closed_pipe_ends_quietly() -> None:
    done = process(
        "import os; r, w = os.pipe(); os.dup2(w, 1); os.close(r); print('x'); return 0",
        stdout=subprocess.PIPE,
    )
    assert done.returncode == 141
    assert done.stderr == ""


def test_an_output_that_the_caller_closed_is_an_error_where_something_is_printed() -> None:
    done = process("print('x'); return 0", preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (
        2,
        "sonoedge probe: OUTPUT_ERROR: cannot write the output: Bad file descriptor\n",
    )
    assert process("return 0", preexec_fn=lambda: os.close(1)).returncode == 0


def test_a_file_never_takes_the_place_of_a_closed_output() -> None:
    code = "import os; return os.open(os.devnull, os.O_WRONLY)"
    assert process(code, preexec_fn=lambda: os.close(1)).returncode > 2


def test_an_error_output_that_the_caller_closed_does_not_reach_the_results() -> None:
    done = process(
        "import sys; print('x', file=sys.stderr); print('y'); return 0",
        stdout=subprocess.PIPE,
        preexec_fn=lambda: os.close(2),
    )
    assert (done.returncode, done.stdout) == (0, "y\n")


def test_a_name_beyond_the_terminals_encoding_is_escaped() -> None:
    done = process(
        "print('caf\\u00e9'); return 0",
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stdout) == (0, "caf\\xe9\n")


def test_an_operating_systems_error_that_names_a_file_is_not_taken_for_the_outputs(
    plant: Plant,
) -> None:
    def probe(argv: Sequence[str]) -> int:
        raise OSError(errno.ENOSPC, "No space left", "model.onnx")

    plant(probe)
    with pytest.raises(OSError, match=r"model\.onnx"):
        cli.main(["probe"])


def test_the_command_line_is_ready_to_be_interrupted_before_numpy_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sonoedge.cli, sys; print('numpy' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"


def test_an_interrupt_that_comes_as_a_native_modules_failure_is_an_interrupt(plant: Plant) -> None:
    def probe(argv: Sequence[str]) -> int:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as stop:
            raise ImportError("initialization failed") from stop

    plant(probe)
    assert cli.main(["probe"]) == 130


def test_a_native_module_that_fails_by_itself_is_not_hidden(plant: Plant) -> None:
    def probe(argv: Sequence[str]) -> int:
        raise ImportError("initialization failed")

    plant(probe)
    with pytest.raises(ImportError, match="initialization failed"):
        cli.main(["probe"])


def test_sigterm_while_a_verb_is_loaded_ends_as_it_does_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "terminated_verb.py").write_text("import os\nos.kill(os.getpid(), 15)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(cli.VERBS, "doctor", ("", "terminated_verb:doctor"))
    before = signal.getsignal(signal.SIGTERM)
    assert cli.main(["doctor"]) == 143
    assert "terminated" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before
