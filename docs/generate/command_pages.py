"""The command line: what each verb's `--help` prints, at 80 columns."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

from sonoedge.cli import VERBS

FOLDER: Final = "reference/commands/"
COLUMNS: Final = 80
# Verbs with verbs of their own, each with its own help.
SUBCOMMANDS: Final = {
    "audit": ("init", "verify", "head"),
    "bench": ("compare", "targets", "schema"),
}


def navigation() -> list[object]:
    """The entries of the navigation."""
    return [f"{FOLDER}index.md", *({verb: f"{FOLDER}{verb}.md"} for verb in VERBS)]


def pages() -> dict[str, str]:
    """Address within the site to Markdown, for every verb."""
    result = {f"{FOLDER}{verb}.md": _page(verb) for verb in VERBS}
    rows = "\n".join(f"| [`{verb}`]({verb}.md) | {line} |" for verb, (line, _) in VERBS.items())
    result[f"{FOLDER}index.md"] = (
        "# Commands\n\nThe package installs one command, `sonoedge VERB`; "
        "`python -m sonoedge VERB` is the same.\n"
        "Exit codes are [listed in one place](../exit-codes.md).\n\n"
        f"| verb | purpose |\n|---|---|\n{rows}\n\n{_block(_help())}"
    )
    return result


def _page(verb: str) -> str:
    blocks = [_block(_help(verb))]
    blocks += [
        f"## sonoedge {verb} {second}\n\n{_block(_help(verb, second))}"
        for second in SUBCOMMANDS.get(verb, ())
    ]
    return f"# sonoedge {verb}\n\n" + "\n".join(blocks)


def _block(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"


def _help(*words: str) -> str:
    """What `--help` prints; a verb that cannot print it stops the build."""
    process = subprocess.run(
        [sys.executable, "-m", "sonoedge", *words, "--help"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": str(COLUMNS), "NO_COLOR": "1"},
    )
    if process.returncode != 0:
        raise RuntimeError(f"sonoedge {' '.join(words)} --help failed: {process.stderr}")
    return process.stdout
