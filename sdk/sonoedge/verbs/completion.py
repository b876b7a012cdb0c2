"""`sonoedge completion`: a shell's completion of verbs and options, as a static script."""

from __future__ import annotations

import argparse
import io
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Final

from sonoedge.cli import VERBS
from sonoedge.errors import SonoedgeError
from sonoedge.runtime import resolve

Options = Mapping[str, Sequence[str]]
_OPTION: Final = re.compile(r"^\s{2,}(?:-\w, )?(--[a-z][a-z0-9-]*)", re.MULTILINE)


def completion(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="sonoedge completion",
        description="Print a script that completes verbs, options and files. "
        'bash: eval "$(sonoedge completion bash)" in ~/.bashrc, or save it, which is faster; '
        "zsh: the same in ~/.zshrc after compinit; "
        "fish: sonoedge completion fish > ~/.config/fish/completions/sonoedge.fish",
    )
    parser.add_argument("shell", choices=SHELLS, help="the shell that reads the script")
    shell = parser.parse_args(argv).shell
    print(SHELLS[shell]({verb: options(path) for verb, (_, path) in VERBS.items()}), end="")
    return 0


def options(path: str) -> tuple[str, ...]:
    """A verb's options, by its help; none where its packages are not installed.

    Args:
        path: "module:function" of the verb.
    """
    if path.startswith(__name__):
        return ("--help",)
    text = io.StringIO()
    try:
        verb = resolve(path)
        assert callable(verb)
        with redirect_stdout(text), redirect_stderr(io.StringIO()):
            verb(["--help"])
    except SystemExit:
        return tuple(dict.fromkeys(_OPTION.findall(text.getvalue())))
    except SonoedgeError:
        pass
    except ModuleNotFoundError as error:
        if (error.name or "sonoedge").startswith("sonoedge"):
            raise
    return ()


def bash(options: Options) -> str:
    """The script for bash."""
    cases = "".join(f"    {verb}) words={' '.join(o)!r} ;;\n" for verb, o in options.items())
    return f"""# sonoedge completion bash
_sonoedge() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{" ".join(options)} --help --version' -- "$word"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{cases}  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
  esac
}}
complete -o default -F _sonoedge sonoedge
"""


def zsh(options: Options) -> str:
    """The script for zsh, which can read bash's."""
    return "autoload -U +X bashcompinit && bashcompinit\n" + bash(options)


def fish(options: Options) -> str:
    """The script for fish."""
    lines = ["# sonoedge completion fish"]
    for verb, names in options.items():
        line = VERBS[verb][0].replace("'", "")
        lines.append(f"complete -c sonoedge -n __fish_use_subcommand -a {verb} -d '{line}'")
        for name in names:
            condition = f"'__fish_seen_subcommand_from {verb}'"
            lines.append(f"complete -c sonoedge -n {condition} -l {name[2:]}")
    return "\n".join(lines) + "\n"


SHELLS: Final[Mapping[str, Callable[[Options], str]]] = {"bash": bash, "zsh": zsh, "fish": fish}
