"""`sonoedge view`: a live session on a page of this machine's browser."""

from __future__ import annotations

import argparse
import threading
import time
import webbrowser
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sonoedge import session as sessions
from sonoedge.errors import EngineFailed, InvalidSettings, MissingDependency
from sonoedge.install import install_command
from sonoedge.session import LiveSession, State
from sonoedge.sources.live import live_device
from sonoedge.terminal.termination import EXIT_CODE, Terminated, termination
from sonoedge.verbs.engine_arguments import add_engine_arguments, engine_options
from sonoedge.verbs.live_frames import LiveFrames, open_live_frames
from sonoedge.verbs.spacing_argument import add_spacing_argument, given

if TYPE_CHECKING:
    from sonoedge.view.feed import ViewFeed

_DESCRIBE_MS = 500.0  # of a bundle that measures, for second opinions that disagree
_LAST_LOOK_S = 0.3  # the last picture is drawn before the page is told of the end


def view(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code.

    Raises:
        MissingDependency: the extra `view` is not installed.
        SonoedgeError: an argument, the bundle, the source or the port cannot be used.
        EngineFailed: the session has latched FAULT.
    """
    args = parser().parse_args(argv)
    if not 0 <= args.port <= 65535:
        raise InvalidSettings(f"--port is {args.port}; it must be between 0 and 65535")
    try:
        with termination():
            _run(args)
    except Terminated:
        return EXIT_CODE
    return 0


def _run(args: argparse.Namespace) -> None:
    try:
        from sonoedge.view.feed import ViewFeed
        from sonoedge.view.server import ViewServer
    except ModuleNotFoundError as error:
        if (error.name or "sonoedge").startswith("sonoedge"):
            raise
        raise MissingDependency(
            f"{error.name} is not installed; run: {install_command('view')}"
        ) from error
    from sonoedge.view.message import state_message

    feed, lost = ViewFeed(), _Lost()
    with (
        open_live_frames(args.source, args.fps, given(args)) as frames,
        sessions.live(
            args.bundle,
            feed.add_result,
            engine=engine_options(args),
            explain=True,
            describe_every_ms=_DESCRIBE_MS,
        ) as session,
        ViewServer(
            feed,
            lambda: state_message(session.status(), lost.token, time.monotonic_ns()),
            port=args.port,
        ) as server,
    ):
        feed.ask_descriptions(session.description)
        print(f"{server.url}\nThe address is a key: who has it may look. Ctrl-C ends.", flush=True)
        if args.open:
            threading.Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()
        why = "sonoedge has ended"
        try:
            if live_device(args.source) is None:
                while not server.wait_for_viewer(0.2):  # a recording begins when someone looks
                    pass
            _show(frames, session, feed, lost)
            session.drain(2.0)
            time.sleep(_LAST_LOOK_S)
            why = "the source has ended"
        except EngineFailed as error:
            why = str(error)[:100]
            raise
        finally:
            server.close(why)


class _Lost:
    """The token of a device that gives no picture: said by the thread that reads it."""

    token: str | None = None


def _show(frames: LiveFrames, session: LiveSession, feed: ViewFeed, lost: _Lost) -> None:
    while True:
        try:
            frame = frames.next()
        except StopIteration:
            return
        watch = frames.status()
        lost.token = None if watch is None or watch.lost is None else watch.lost.value
        if frame is not None:
            feed.add_frame(session.submit(frame), frame)
        status = session.status()
        if status.state is State.FAULT:
            raise EngineFailed(f"the live session has latched FAULT: {', '.join(status.reasons)}")


def parser() -> argparse.ArgumentParser:
    """The verb's arguments."""
    parser = argparse.ArgumentParser(
        prog="sonoedge view",
        description="Show a live session on a page in this machine's browser. "
        "For research and engineering, not for diagnosis.",
    )
    add = parser.add_argument
    add("bundle", metavar="BUNDLE", help="the bundle's folder")
    add("source", metavar="SOURCE", help="whatever sonoedge run reads, in real time")
    add_engine_arguments(parser)
    add("--fps", type=float, metavar="N", help="the source's frames per second")
    add_spacing_argument(parser)
    add(
        "--port",
        type=int,
        default=0,
        metavar="N",
        help="of 127.0.0.1; a free one where it is not given",
    )
    add("--open", action="store_true", help="open the page in the browser")
    return parser
