"""Which frame path runs: C's where it is built, knows the bundle and answers as Python's does."""

from __future__ import annotations

from collections.abc import Sequence

from sonoedge import native
from sonoedge.bundle.golden import GoldenAnswer
from sonoedge.engines.options import FramePathOption
from sonoedge.errors import MissingDependency, RuntimeUnavailable
from sonoedge.frame_path import PathName, PathSettings
from sonoedge.processing.preprocess import Pixels
from sonoedge.runtime import Runtime


def choose_frame_path(
    option: FramePathOption,
    settings: PathSettings,
    engine: Runtime,
    pictures: Sequence[Pixels],
    answers: Sequence[GoldenAnswer],
) -> tuple[PathName, str]:
    """The path that runs, and what `Analyser.choice` should say of it, or "".

    "auto" takes C's where that can run, else Python's; only a library that answers otherwise than
    Python is worth a word there.

    Args:
        pictures, answers: golden frames, and an engine's answers to them.

    Raises:
        MissingDependency: "native" was asked for, and is not built.
        RuntimeUnavailable: it was asked for, and cannot run here.
    """
    if option == "python":
        return "python", ""
    try:
        _try(settings, engine, pictures, answers)
    except _OtherAnswers as error:
        if option == "native":
            raise RuntimeUnavailable(str(error)) from None
        return "python", f"frame path python, as {error}"
    except (MissingDependency, RuntimeUnavailable):
        if option == "native":
            raise
        return "python", ""
    return "native", ""


class _OtherAnswers(RuntimeUnavailable):
    """The library gives other answers than Python: it must not run."""


def _try(
    settings: PathSettings,
    engine: Runtime,
    pictures: Sequence[Pixels],
    answers: Sequence[GoldenAnswer],
) -> None:
    """Load C's path, and compare it with Python's.

    Raises:
        MissingDependency: it is not built.
        RuntimeUnavailable: it is of another version, does not know such settings, or answers
            otherwise.
    """
    if not native.FILE.is_file():
        raise MissingDependency(
            "the native frame path is not built; run `make native` in a checkout, install a wheel "
            "that was built with SONOEDGE_BUILD_NATIVE=1, or use frame_path='auto'"
        )
    # Loads ctypes, which costs time: where there is nothing to load, nothing is imported.
    from sonoedge.native.coverage import not_covered
    from sonoedge.native.library import load
    from sonoedge.native.path import NativePaths
    from sonoedge.native.self_test import answers_alike

    library = load(native.FILE)
    why = not_covered(settings, engine.inputs, engine.outputs)
    try:
        paths = None if why else NativePaths(library, settings, engine.outputs)
    except (TypeError, ValueError, OverflowError):
        paths, why = None, "a setting of a type of its own"
    if paths is None:
        raise RuntimeUnavailable(
            f"the native frame path does not know {why}; use frame_path='auto' or 'python'"
        )
    if not answers_alike(paths.path(), settings, pictures, answers):
        raise _OtherAnswers(
            "the native frame path answers otherwise than Python's on golden frames; build it "
            "again with `make native`"
        )
