"""Arguments are read before torch is loaded; a package that is missing is named."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sonoedge.errors import MissingDependency
from sonoedge_export.verbs.packages import packages

HEAVY = ("torch", "onnx", "onnxruntime", "openvino", "scipy")
PROGRAM = f"""
import sys
from sonoedge.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("loaded:", *[name for name in {HEAVY!r} if name in sys.modules])
"""
BLOCKED = f"import sys; sys.modules.update(dict.fromkeys({HEAVY!r}))\n"


def run(program: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("verb", ["export", "verify", "prune", "lint"])
def test_help_and_a_typo_load_nothing_heavy(verb: str) -> None:
    for words in ((verb, "--help"), (verb, "--typo")):
        output = run(PROGRAM, *words)
        assert f"usage: sonoedge {verb}" in output
        assert [line for line in output.splitlines() if line.startswith("loaded:")] == ["loaded:"]


def test_help_is_there_without_the_extras() -> None:
    assert "usage: sonoedge export" in run(BLOCKED + PROGRAM, "export", "--help")


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = f"import sys, sonoedge_export; print([n for n in {HEAVY!r} if n in sys.modules])"
    assert run(program).strip() == "[]"


def test_a_missing_package_is_named_with_the_command_that_installs_it() -> None:
    why = r"torch is not installed; run: .*sonoedge\["
    with pytest.raises(MissingDependency, match=why), packages("export"):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")


def test_a_misspelt_module_of_ours_stays_a_fault() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"sonoedge_export\.typo"), packages("export"):
        raise ModuleNotFoundError("sonoedge_export.typo", name="sonoedge_export.typo")
