"""The command line: `sonoedge VERB ...`. Each verb's module is imported when it is called."""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final, cast

from sonoedge.errors import MissingDependency, OutputError, SonoedgeError
from sonoedge.install import install_command
from sonoedge.terminal.meant import meant
from sonoedge.terminal.termination import EXIT_CODE, INTERRUPTED, Terminated, termination

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
    "recalibrate": (
        "calibrate a bundle's certainty on frames of your own",
        "sonoedge_export.verbs.recalibrate:recalibrate",
    ),
    "evidence": (
        "lay out what is known of a bundle, for an audit",
        "sonoedge_export.verbs.evidence:evidence",
    ),
    "lint": ("judge an ONNX graph as its target would", "sonoedge_export.verbs.lint:lint"),
    "run": ("analyse frames from a source", "sonoedge.verbs.run:run"),
    "describe": (
        "measure a frame's regions, and say it in words",
        "sonoedge.verbs.describe:describe",
    ),
    "serve": ("analyse frames of programs in C, over a socket", "sonoedge.verbs.serve:serve"),
    "report": (
        "report on a DICOM recording: DICOM SR, SEG, pictures, FHIR",
        "sonoedge.verbs.report:report",
    ),
    "screen": (
        "analyse an archive's recordings, and report on them",
        "sonoedge.verbs.screen:screen",
    ),
    "drift": (
        "compare what boxes and archives show with their bundle",
        "sonoedge.verbs.drift:drift",
    ),
    "send": ("store reports in an archive: DICOM or STOW-RS", "sonoedge.verbs.send:send"),
    "view": ("show a live session on a page in a browser", "sonoedge.verbs.view:view"),
    "replay": ("analyse a recording again, and compare", "sonoedge.verbs.replay:replay"),
    "provision": (
        "build, check and time a bundle's engines on this device",
        "sonoedge.verbs.provision:provision",
    ),
    "explain": (
        "show what a frame's suspicion hangs on",
        "sonoedge.verbs.explain:explain",
    ),
    "teach-scope": (
        "teach this device an organ that is to be left alone",
        "sonoedge.verbs.teach_scope:teach_scope",
    ),
    "keygen": ("make a key pair for signing", "sonoedge.verbs.keygen:keygen"),
    "sign": ("sign a bundle", "sonoedge.verbs.sign:sign"),
    "keyring": (
        "make, show and install the keys that a device trusts",
        "sonoedge.verbs.keyring:keyring",
    ),
    "grant": ("let a device run one older bundle, once", "sonoedge.verbs.grant:grant"),
    "audit": (
        "begin and check the log of what a device did",
        "sonoedge.verbs.audit:audit",
    ),
    "install": ("put a bundle into a device's store", "sonoedge.verbs.install:install"),
    "store": ("choose which bundle of a device's store runs", "sonoedge.verbs.store:store"),
    "inspect": ("show what a bundle holds, its hashes checked", "sonoedge.verbs.inspect:inspect"),
    "sbom": (
        "list what a bundle, or this device, consists of (CycloneDX)",
        "sonoedge.verbs.sbom:sbom",
    ),
    "doctor": ("show what this machine offers", "sonoedge.verbs.doctor:doctor"),
    "bench": ("measure latency", "sonoedge_bench.cli:bench"),
    "systemd-unit": (
        "print the unit by which systemd runs the live analysis",
        "sonoedge.verbs.systemd_unit:systemd_unit",
    ),
    "completion": (
        "print a shell's completion of these commands",
        "sonoedge.verbs.completion:completion",
    ),
    "reliability": (
        "show what a live session survives, and how fast",
        "sonoedge_bench.reliability.cli:reliability",
    ),
}

# What a verb's packages are installed by, by the beginning of its module's name; else "export".
EXTRAS: Final = {
    "sonoedge_bench": ("bench",),
    "sonoedge_export.verbs.prune": ("export", "compress"),
}

# What a write to a terminal, a pipe or a full disk fails with, and names no file.
_OUTPUT_ERRORS: Final = {errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG, errno.EBADF}

Verb = Callable[[Sequence[str]], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code (see `sonoedge.errors`)."""
    args = list(sys.argv[1:] if argv is None else argv)
    verb = ""
    try:
        _stand_in_for_closed_streams()
        _tolerate_any_encoding()
        if not args:  # the help names the verbs
            _parser().print_help(sys.stderr)
            return 2
        verb = _parser().parse_args(args[:1]).verb
        with termination():  # most of a short run is imports
            call = _verb(verb)
        code = call(args[1:])
        sys.stdout.flush()
    except SonoedgeError as error:
        return _failed(verb, error)
    except KeyboardInterrupt as stop:
        return _interrupted(stop)
    except ImportError as error:
        # Ctrl-C while an engine's native module is loaded comes as that module's failure.
        cause = _interrupt_behind(error)
        if cause is None:
            raise
        return _interrupted(cause)
    except BrokenPipeError:
        _close_stdout()
        return 141
    except OSError as error:
        if error.errno not in _OUTPUT_ERRORS or error.filename is not None:
            raise
        _close_stdout()
        return _failed(verb, OutputError(f"cannot write the output: {error.strerror}"))
    return code


def _known(word: str) -> str:
    if word not in VERBS:
        raise argparse.ArgumentTypeError(
            f"{word!r} is unknown{meant(word, VERBS)}; sonoedge --help lists them"
        )
    return word


def _parser() -> argparse.ArgumentParser:
    from sonoedge import __version__

    parser = argparse.ArgumentParser(
        prog="sonoedge",
        description="Trained networks on point-of-care ultrasound devices. Not for diagnosis.",
        epilog="verbs:\n"
        + "\n".join(f"  {verb:12} {line}" for verb, (line, _) in VERBS.items())
        + "\n\nsonoedge VERB --help explains one.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"sonoedge {__version__}")
    parser.add_argument("verb", type=_known, metavar="VERB", help="one of those below")
    return parser


def _interrupted(stop: KeyboardInterrupt) -> int:
    terminated = isinstance(stop, Terminated)
    print("terminated" if terminated else "interrupted", file=sys.stderr)
    return EXIT_CODE if terminated else INTERRUPTED


def _interrupt_behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """The interrupt that an error was raised for, if any."""
    while error is not None:
        error = error.__cause__ or error.__context__
        if isinstance(error, KeyboardInterrupt):
            return error
    return None


def _failed(verb: str, error: SonoedgeError) -> int:
    print(f"sonoedge {verb}: {error.token}: {error}", file=sys.stderr)
    return error.exit_code


def _stand_in_for_closed_streams() -> None:
    """Hold the places of standard streams that the caller closed.

    Python would drop what is printed without a word, and the next file to be opened would
    get the stream's number. To standard output every write fails, as it should; what would
    go to standard error has no reader, and the exit code tells.
    """
    if sys.stdout is None:
        sys.stdout = sys.__stdout__ = _opened(1, os.O_RDONLY)  # type: ignore[misc]
    if sys.stderr is None:
        sys.stderr = sys.__stderr__ = _opened(2, os.O_WRONLY)  # type: ignore[misc]


def _opened(number: int, flags: int) -> io.TextIOWrapper:
    nowhere = os.open(os.devnull, flags)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)
    return open(number, "w", encoding="utf-8", closefd=False)


def _tolerate_any_encoding() -> None:
    """A name beyond a terminal's encoding is written escaped; it ends no run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _close_stdout() -> None:
    """Let what is still buffered go nowhere: Python would fail on it once more as it ends."""
    stream = sys.__stdout__
    if stream is not None and sys.stdout is stream:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _verb(name: str) -> Verb:
    """The verb's function.

    Raises:
        MissingDependency: it needs a package that is not installed.
    """
    from sonoedge.runtime import resolve  # with NumPy: here Ctrl-C is caught

    path = VERBS[name][1]
    try:
        return cast("Verb", resolve(path))
    except ModuleNotFoundError as error:
        if (error.name or "sonoedge").startswith("sonoedge"):
            raise
        extras = next((e for owner, e in EXTRAS.items() if path.startswith(owner)), ("export",))
        raise MissingDependency(
            f"{error.name} is not installed; run: {install_command(*extras)}"
        ) from error
