"""The command that installs what is missing, as it works where this sonoedge runs."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def install_command(*extras: str) -> str:
    """A command that installs sonoedge with these extras into the Python that runs.

    Where sonoedge is installed, from a wheel or in place of a checkout, pip takes the extras
    of what is there and asks no index for sonoedge. In a checkout that is not installed, the
    command installs it from there. Where a checkout runs, its versions are those that were tested.
    """
    brackets = f"[{','.join(extras)}]" if extras else ""
    checkout = _checkout()
    install = f"{python_command()} -m pip install"
    if checkout is None:
        return f"{install} 'sonoedge{brackets}'"
    tested = checkout / "constraints.txt"
    if tested.is_file():
        install += f" -c {shlex.quote(_from_here(tested))}"
    if _installed():
        return f"{install} 'sonoedge{brackets}'"
    return f"{install} -e {shlex.quote(f'{checkout}{brackets}')}"


def _from_here(file: Path) -> str:
    """The shorter of a path's two names."""
    return file.name if file.parent == Path.cwd() else str(file)


def _installed() -> bool:
    from importlib.metadata import PackageNotFoundError, distribution  # loads email

    try:
        distribution("sonoedge")
    except PackageNotFoundError:
        return False
    return True


def _checkout() -> Path | None:
    """The repository's folder, where this file lies in one."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() else None


def python_command() -> str:
    """How to call the Python that runs, as short as it is unambiguous."""
    for name in ("python", "python3"):
        if shutil.which(name) == sys.executable:
            return name
    path = Path(sys.executable)
    if path.is_relative_to(Path.cwd()):
        return shlex.quote(str(path.relative_to(Path.cwd())))
    return shlex.quote(sys.executable)
