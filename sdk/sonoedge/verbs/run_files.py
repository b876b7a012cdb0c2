"""`sonoedge run` on files and devices, frame by frame."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TextIO

import cv2

from sonoedge import sources
from sonoedge.analyser import Analyser
from sonoedge.engines import open as opening
from sonoedge.errors import InvalidSettings, SonoedgeError, SourceError
from sonoedge.file_sha256 import file_sha256
from sonoedge.frames import Frame
from sonoedge.outputs.jsonl import STDOUT, JsonLines
from sonoedge.outputs.overlay import GuideLine, draw, guide_from
from sonoedge.outputs.remedies import nothing_analysed
from sonoedge.outputs.summary import Tally, text
from sonoedge.outputs.video import DEFAULT_FPS, Writer, open_writer
from sonoedge.outputs.wording import picture_line
from sonoedge.sources.formats import DICOM, HEAD_BYTES, format_of
from sonoedge.sources.live import is_folder, live_name
from sonoedge.terminal.progress import Progress
from sonoedge.terminal.termination import Terminated
from sonoedge.verbs.engine_arguments import engine_options
from sonoedge.verbs.spacing_argument import given

End = Literal["source ended", "limit", "interrupted", "terminated", "failed"]


def run_files(args: argparse.Namespace) -> End:
    """Analyse every frame of a source; returns why it ended.

    Raises:
        SonoedgeError: the bundle, the source or an output cannot be used. What was analysed
            until then is written and summed up.
        NothingAnalysed: every frame was refused.
        SourceError: files of a folder could not be read; the others were analysed.
    """
    with ExitStack() as stack:
        try:
            source, analyser = _inputs(args, stack)
        except SonoedgeError:
            set_aside(args.jsonl, args.overlay)
            raise
        # Outputs last: a mistyped bundle must not cost the results of the run before.
        outputs = _outputs(args, stack, source, analyser)
        print(f"variant {analyser.choice}", file=sys.stderr)
        tally = Tally()
        end: End = "failed"
        try:
            end = _loop(analyser, source, args.limit, outputs, tally)
        except Terminated:
            end = "terminated"
        except KeyboardInterrupt:
            end = "interrupted"
        finally:
            outputs.progress.clear()
            if tally.frames or end != "failed":
                try:
                    outputs.finish()
                finally:
                    report = _report(tally, end, analyser, source.name)
                    words = json.dumps(report, allow_nan=False) if args.json else text(report)
                    print(words, file=outputs.people, flush=True)
    if end in ("source ended", "limit") and tally.frames and not tally.analysed:
        raise nothing_analysed(tally.frames, report["not_analysed_by_reason"])
    if source.unreadable:
        raise SourceError(_unreadable(source.unreadable))
    return end


def set_aside(*paths: str | None) -> None:
    """Rename earlier results that a run would have replaced, had it begun.

    Left under their name, they would be read as the results of the run that failed.
    """
    for path in paths:
        if path and path != STDOUT and Path(path).is_file():
            earlier = _free(f"{path}.earlier")
            try:
                Path(path).replace(earlier)
            except OSError:
                continue  # nothing may be renamed there: the error that comes says enough
            print(f"{path} is of an earlier run; it is now {earlier}", file=sys.stderr)


def _free(name: str) -> Path:
    """The name, or the first of NAME-2, NAME-3 ... that nothing has: no earlier result is lost."""
    names = (Path(name if n == 1 else f"{name}-{n}") for n in itertools.count(1))
    return next(path for path in names if not os.path.lexists(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outputs:
    """Where results go.

    Attributes:
        stills: the pictures belong to no stream, so that each gets its line.
        lines: a line per picture is printed.
        name: what results call the source where a frame has no file of its own.
        people: where what people read is printed.
    """

    jsonl: JsonLines | None
    overlay: Writer | None
    guide: GuideLine | None
    progress: Progress
    stills: bool
    lines: bool
    name: str
    people: TextIO

    def finish(self) -> None:
        """Finish the overlay: an encoder may hold pictures back."""
        if self.overlay is not None:
            self.overlay.close()


def _inputs(args: argparse.Namespace, stack: ExitStack) -> tuple[sources.Source, Analyser]:
    source = stack.enter_context(
        sources.open_source(
            args.source,
            realtime=args.realtime,
            fps=args.fps,
            continue_on_error=True,
            spacing_mm=given(args),
        )
    )
    cv2.setNumThreads(1)  # pictures are small: OpenCV's pool would only disturb the engine's
    analyser = stack.enter_context(
        opening.open(
            args.bundle,
            engine=engine_options(args),
            tracking=not _stills(args, source),
            explain=args.explain,
        )
    )
    if args.explain and not analyser.localises:
        raise InvalidSettings(
            "this network classifies alone: it has no map that --explain could draw"
        )
    return source, analyser


def dicom_sha256(path: Path) -> str | None:
    """A DICOM file's digest, by which `sonoedge report` knows its results; None of all else.

    Raises:
        SourceError: it cannot be read any more.
    """
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            is_dicom = format_of(path, file.read(HEAD_BYTES)) is DICOM
        return file_sha256(path) if is_dicom else None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from None


def _stills(args: argparse.Namespace, source: sources.Source) -> bool:
    """Whether the pictures belong to no stream: one, a folder's, or a file's without times.

    What has no clock of its own cannot be followed: the moments at which it is read would make
    the flag hang on how busy this machine is. Cameras and peers have this machine's clock.
    """
    if args.stills:
        return True
    if args.fps is not None or live_name(args.source) is not None:
        return False
    return source.count == 1 or not source.recorded


def _outputs(
    args: argparse.Namespace, stack: ExitStack, source: sources.Source, analyser: Analyser
) -> _Outputs:
    stills = _stills(args, source)
    guide = None if args.guide_line is None else guide_from(args.guide_line)
    if stills and not args.stills and source.count != 1:
        why = "" if is_folder(args.source) else " have no times and"
        print(
            f"the pictures of {source.name}{why} are taken as stills, without a temporal flag; "
            "give --fps N where they are frames of one recording",
            file=sys.stderr,
        )
    jsonl = None
    if args.jsonl:
        sha256 = dicom_sha256(Path(args.source)) if live_name(args.source) is None else None
        jsonl = stack.enter_context(JsonLines(args.jsonl, source_sha256=sha256))
    overlay = None
    if args.overlay:
        overlay = stack.enter_context(open_writer(args.overlay, source.fps or DEFAULT_FPS))
    return _Outputs(
        jsonl=jsonl,
        overlay=overlay,
        guide=guide,
        progress=Progress(_expected(source.count, args.limit)),
        stills=stills,
        lines=stills and not args.json,
        name=live_name(args.source) or source.name,
        people=sys.stderr if args.jsonl == STDOUT else sys.stdout,
    )


def _loop(
    analyser: Analyser, source: sources.Source, limit: int | None, outputs: _Outputs, tally: Tally
) -> End:
    """Analyse frame by frame; returns why it ended."""
    frames: Iterator[Frame] = iter(source)
    while True:
        begin_ns = time.monotonic_ns()
        frame = next(frames, None)
        if frame is None:
            return "source ended"
        read_ns = time.monotonic_ns()
        analysis = analyser.analyse(frame)
        if outputs.stills:
            analyser.forget()  # the next picture has nothing to do with this one
        done_ns = time.monotonic_ns()
        tally.add(analysis)
        name = frame.meta.file or outputs.name
        if outputs.jsonl is not None:
            outputs.jsonl.write(analysis, name, recorded_ns=frame.recorded_ns)
        if outputs.overlay is not None:
            outputs.overlay.write(draw(frame, analysis, guide=outputs.guide), frame.meta.file)
        tally.spend(begin_ns, read_ns, done_ns, time.monotonic_ns())
        if outputs.lines:
            print(picture_line(name, analysis), file=outputs.people)
        else:
            refused = tally.frames - tally.analysed
            note = f"suspicious {tally.flagged}, not analysed {refused}"
            outputs.progress.show(tally.frames, note)
        if tally.frames == limit:
            return "limit"


def _expected(count: int | None, limit: int | None) -> int | None:
    """How many frames there will be, as far as that is known."""
    counts = [n for n in (count, limit) if n is not None]
    # Of a source without a count a limit is no promise either, but the best guess.
    return min(counts) if counts else None


def _unreadable(messages: tuple[str, ...]) -> str:
    more = f", and {len(messages) - 1} more" if len(messages) > 1 else ""
    return f"not every file could be read: {messages[0]}{more}; the others were analysed"


def _report(tally: Tally, end: End, analyser: Analyser, source: str) -> dict[str, Any]:
    origin = analyser.origin
    return {
        **tally.report(),
        "ended": end,
        "source": source,
        "runtime": origin.runtime,
        "precision": origin.precision,
        "variant": origin.variant,
        "bundle_id": origin.bundle_id,
        "frame_path": origin.frame_path,
        "placement": origin.placement,
        "choice": analyser.choice,
    }
