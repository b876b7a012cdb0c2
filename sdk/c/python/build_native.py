"""Compile the frame path in C that Python calls where it is built.

    python sdk/c/python/build_native.py [FILE]

Needs a C compiler (`cc`, or what CC names) and nothing of Python's; writes FILE whole or not at
all, by default where `sonoedge.native` looks for it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
C = HERE.parent
PACKAGE = C.parent / "sonoedge"
LIBRARY = PACKAGE / "native" / "frame_path.so"
# -ffp-contract=off: no product is fused with a sum, so that all processors round alike.
FLAGS = ("-std=c99", "-O3", "-ffp-contract=off", "-fPIC", "-shared", "-Wall", "-Wextra")


def version() -> str:
    """The package's, as its source says it: the package need not be installed.

    Raises:
        SystemExit: it does not.
    """
    found = re.search(
        r'^__version__ = "([^"]+)"$', (PACKAGE / "__init__.py").read_text(), re.MULTILINE
    )
    if found is None:
        sys.exit("sdk/sonoedge/__init__.py names no version")
    return found[1]


def build(to: Path) -> None:
    """Compile into `to`.

    Raises:
        FileNotFoundError: there is no such compiler.
        subprocess.CalledProcessError: it failed, and said why.
    """
    sources = [*sorted((C / "core/frame").glob("*.c")), C / "core/text.c", HERE / "build.c"]
    with tempfile.TemporaryDirectory(dir=to.parent) as folder:
        made = Path(folder) / to.name
        command = [
            *shlex.split(os.environ.get("CC", "cc")),
            *FLAGS,
            f'-DSO_PACKAGE_VERSION="{version()}"',
            f"-Wl,--version-script={HERE / 'frame_path.map'}",
            "-Wl,-z,defs",
            f"-I{C}",
            "-o",
            str(made),
            *map(str, sources),
            "-lm",
        ]
        subprocess.run(command, check=True)
        made.replace(to)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else LIBRARY)
