"""The command line: `sonoedge VERB ...`. Each verb's module is imported when it is called."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Final, cast

from sonoedge.errors import MissingDependency, SonoedgeError
from sonoedge.runtime import resolve
from sonoedge.terminal.termination import EXIT_CODE, Terminated

# verb: (one line, "module:function" that gets the parser's subparser)
VERBS: Final = {
    "export": ("build a bundle from a trained network", "sonoedge_export.verbs.export:export"),
    "prune": (
        "prune a network until it is fast enough, and recover it",
        "sonoedge_export.verbs.prune:prune",
    ),
    "verify": (
        "measure a bundle's accuracy on labelled frames",
        "sonoedge_export.verbs.verify:verify",
    ),
    "lint": ("judge an ONNX graph as its target would", "sonoedge_export.verbs.lint:lint"),
    "run": ("analyse frames from a source", "sonoedge.verbs.run:run"),
    "provision": (
        "build, check and time a bundle's engines on this device",
        "sonoedge.verbs.provision:provision",
    ),
    "inspect": ("show what a bundle holds, its hashes checked", "sonoedge.verbs.inspect:inspect"),
    "doctor": ("show what this machine offers", "sonoedge.verbs.doctor:doctor"),
    "bench": ("measure latency", "sonoedge_bench.cli:bench"),
    "reliability": (
        "show what a live session survives, and how fast",
        "sonoedge_bench.reliability.cli:reliability",
    ),
}

# What a verb's packages are installed by, by the beginning of its module's name; else "export".
EXTRAS: Final = {"sonoedge_bench": "bench", "sonoedge_export.verbs.prune": "export,compress"}

Verb = Callable[[Sequence[str]], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code (see `sonoedge.errors`)."""
    from sonoedge import __version__

    args = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="sonoedge",
        description="Trained networks on point-of-care ultrasound devices. Not for diagnosis.",
        epilog="\n".join(f"  {verb:12} {line}" for verb, (line, _) in VERBS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("verb", choices=VERBS, metavar="VERB", help="one of those below")
    verb = parser.parse_args(args[:1]).verb
    try:
        return _verb(verb)(args[1:])
    except SonoedgeError as error:
        print(f"sonoedge {verb}: {error.token}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt as stop:
        terminated = isinstance(stop, Terminated)
        print("terminated" if terminated else "interrupted", file=sys.stderr)
        return EXIT_CODE if terminated else 130
    except BrokenPipeError:
        return 141


def _verb(name: str) -> Verb:
    """The verb's function.

    Raises:
        MissingDependency: it needs a package that is not installed.
    """
    path = VERBS[name][1]
    try:
        return cast("Verb", resolve(path))
    except ModuleNotFoundError as error:
        if (error.name or "sonoedge").startswith("sonoedge"):
            raise
        extra = next((e for owner, e in EXTRAS.items() if path.startswith(owner)), "export")
        raise MissingDependency(
            f"{error.name} is not installed; run: pip install 'sonoedge[{extra}]'"
        ) from error
