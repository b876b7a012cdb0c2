"""`sonoedge teach-scope`: show a device an organ that is to be left alone."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import cv2

from sonoedge import sources
from sonoedge.bundle import Bundle, read_bundle
from sonoedge.bundle.names import check_name, printable
from sonoedge.engines import open as opening
from sonoedge.errors import InvalidSettings
from sonoedge.frames import Frame
from sonoedge.outputs.wording import counted
from sonoedge.scope.embeddings import Embedded, check_has_embedding, embed
from sonoedge.scope.file import NAME, read_scopes, scope_file, write_scopes
from sonoedge.scope.fit import FEWEST_IN_SCOPE, FEWEST_TAUGHT, MOST_TAUGHT
from sonoedge.scope.taught import TaughtScope
from sonoedge.scope.teach import Lesson, replaced, teach
from sonoedge.settings import plain
from sonoedge.terminal.progress import Progress
from sonoedge.terminal.termination import termination
from sonoedge.verbs.engine_arguments import add_engine_arguments, engine_options

_MEANS = ("prototype", "in_scope_mean")  # left out of what is printed


def teach_scope(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code.

    Raises:
        SonoedgeError: the bundle or a source cannot be used, or the scope is refused; what was
            taught before stays as it was.
    """
    args = _parser().parse_args(argv)
    bundle = read_bundle(args.bundle)
    if args.remove_all:
        write_scopes(bundle, ())
        print(f"nothing is taught for {bundle.manifest.bundle_id} any more")
        return 0
    scopes = _scopes(bundle)
    if args.remove is not None:
        return _remove(bundle, scopes, args.remove)
    if args.list:
        _print_list(bundle, scopes, as_json=args.json)
        return 0
    _check_words(args)
    check_has_embedding(bundle)
    with termination():
        lesson = _taught(bundle, args)
    write_scopes(bundle, replaced(scopes, lesson.scope))
    _print_lesson(bundle, lesson, as_json=args.json)
    return 0


def _scopes(bundle: Bundle) -> tuple[TaughtScope, ...]:
    found = read_scopes(bundle)
    return () if found is None else found.scopes


def _remove(bundle: Bundle, scopes: Sequence[TaughtScope], name: str) -> int:
    left = tuple(scope for scope in scopes if scope.name != name)
    if len(left) == len(scopes):
        have = ", ".join(scope.name for scope in scopes) or "nothing"
        raise InvalidSettings(f"{printable(name)[:80]!r} was not taught; {have} was")
    write_scopes(bundle, left)
    print(f"{name} is not taught any more; {counted(len(left), 'scope')} left")
    return 0


def _check_words(args: argparse.Namespace) -> None:
    if not args.frames or not args.in_scope:
        raise InvalidSettings("give the frames to be taught, and --in-scope with frames of yours")
    if args.name is None:
        raise InvalidSettings("give the scope a name: --name bone")
    check_name("--name", args.name)


def _taught(bundle: Bundle, args: argparse.Namespace) -> Lesson:
    cv2.setNumThreads(1)
    with opening.open(args.bundle, engine_options(args), tracking=False) as analyser:
        print(f"variant {analyser.choice}", file=sys.stderr)

        def embedded(frames: Iterator[Frame]) -> Embedded:
            progress = Progress(None)
            try:
                return embed(bundle, analyser, frames, progress.show)
            finally:
                progress.clear()

        return teach(
            args.name,
            embedded(_frames(args.frames)),
            embedded(_frames(args.in_scope)),
            embedded(Frame(pixels=pixels) for pixels in bundle.golden_frames()),
            variant=analyser.origin.variant,
        )


def _frames(paths: Sequence[str]) -> Iterator[Frame]:
    for path in paths:
        with sources.open_source(path) as source:
            yield from source


def _print_lesson(bundle: Bundle, lesson: Lesson, *, as_json: bool) -> None:
    scope = lesson.scope
    if as_json:
        data = _plain(scope) | {"others": lesson.others, "others_stopped": lesson.others_stopped}
        print(json.dumps(data, indent=1, allow_nan=False))
        return
    print(f"{scope.name} is taught: frames of it are NOT ANALYSED from the next opening on")
    print(_stopped(scope.frames, "frames taught", scope.taught_stopped))
    if lesson.others:
        print(_stopped(lesson.others, "others of the same source", lesson.others_stopped))
    print(_stopped(scope.in_scope_frames, "frames in scope", scope.false_stops))
    print("each frame was left out of the mean that it was judged by; other patients and")
    print("scanners may be stopped more often: show --in-scope frames of yours")
    print(f"written: {scope_file(bundle).parent.name}/{NAME}, beside the bundle")


def _stopped(frames: int, what: str, stopped: int) -> str:
    return f"  stopped of {frames:>4} {what:<28}{stopped:>5}"


def _print_list(bundle: Bundle, scopes: Sequence[TaughtScope], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_plain(scope) for scope in scopes], indent=1, allow_nan=False))
        return
    if not scopes:
        print(f"nothing is taught for {bundle.manifest.bundle_id}")
        return
    print(f"{'taught':<24}{'frames':>8}{'stopped':>9}{'in scope':>10}{'stopped':>9}  created")
    for s in scopes:
        print(
            f"{s.name[:23]:<24}{s.frames:>8}{s.taught_stopped:>9}{s.in_scope_frames:>10}"
            f"{s.false_stops:>9}  {printable(s.created)[:16]}"
        )


def _plain(scope: TaughtScope) -> dict[str, Any]:
    return {key: value for key, value in plain(scope).items() if key not in _MEANS}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge teach-scope",
        description="Teach this device that frames of an organ are to be left alone: they become "
        "NOT ANALYSED, with the reason OUT_OF_TAUGHT_SCOPE. The result lies beside the bundle, in "
        "BUNDLE.provision, and holds for this bundle alone. Refused where more than 2 % of the "
        "frames in scope would be stopped.",
    )
    add = parser.add_argument
    add("bundle", metavar="BUNDLE", help="the bundle's folder, or store:PATH")
    add(
        "frames",
        nargs="*",
        metavar="FRAMES",
        help=f"pictures, folders or clips of the organ; {FEWEST_TAUGHT} to {MOST_TAUGHT} different "
        "frames are taken, of more of them evenly spread",
    )
    add(
        "--in-scope",
        nargs="+",
        metavar="FRAMES",
        help=f"at least {FEWEST_IN_SCOPE} frames of what the network is for, from your own device",
    )
    add(
        "--name", metavar="NAME", help="what the organ is called in results; an old one is replaced"
    )
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--list", action="store_true", help="show what is taught")
    one.add_argument("--remove", metavar="NAME", help="forget this one")
    one.add_argument("--remove-all", action="store_true", help="forget all, a damaged file too")
    add("--json", action="store_true", help="print the figures as JSON")
    add_engine_arguments(parser)
    return parser
