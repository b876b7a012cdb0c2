from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from sonoedge.install import install_command


def absent(name: str) -> object:
    raise PackageNotFoundError(name)


def test_an_installed_sonoedge_gets_its_extras_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.distribution", lambda name: object())
    monkeypatch.setattr("sonoedge.install._checkout", lambda: None)
    assert install_command("export", "compress").endswith(
        " -m pip install 'sonoedge[export,compress]'"
    )
    assert install_command().endswith(" -m pip install 'sonoedge'")


def test_a_checkout_that_is_not_installed_is_installed_from_where_it_lies(
    monkeypatch: pytest.MonkeyPatch, repository: Path
) -> None:
    monkeypatch.setattr("importlib.metadata.distribution", absent)
    monkeypatch.chdir("/")
    tested = f"-c {repository}/constraints.txt"
    assert f"pip install {tested} -e '{repository}[dicom]'" in install_command("dicom")


def test_a_checkout_installs_the_versions_that_were_tested(
    monkeypatch: pytest.MonkeyPatch, repository: Path
) -> None:
    monkeypatch.setattr("importlib.metadata.distribution", lambda name: object())
    monkeypatch.chdir(repository)
    assert install_command("export").endswith(
        " -m pip install -c constraints.txt 'sonoedge[export]'"
    )


def test_the_python_that_runs_is_the_one_that_installs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = tmp_path / ".venv" / "bin"
    environment.mkdir(parents=True)
    python = environment / "python"
    python.symlink_to(sys.executable)
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("PATH", "/nowhere")
    assert install_command("dicom").split(" -m ")[0] == str(python)
    monkeypatch.chdir(tmp_path)
    assert install_command("dicom").split(" -m ")[0] == ".venv/bin/python"
    monkeypatch.setenv("PATH", str(environment))
    assert install_command("dicom").split(" -m ")[0] == "python"


def test_the_command_is_one_that_a_shell_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    words = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {install_command('dicom', 'bench')}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert words[1:4] == ["-m", "pip", "install"]
    assert words[-1].endswith("[dicom,bench]")
