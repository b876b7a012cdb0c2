"""`sonoedge screen`: analyse an archive's recordings as a device would have, and report on them."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from sonoedge.archive.job import Job
from sonoedge.archive.ledger import Ledger
from sonoedge.archive.report import write_report
from sonoedge.archive.run import Request, Screened
from sonoedge.archive.run import screen as run_screening
from sonoedge.bundle import read_bundle
from sonoedge.bundle.location import store_root
from sonoedge.bundle.names import printable
from sonoedge.errors import InvalidSettings, ItemsFailed, ScreeningStopped, SonoedgeError
from sonoedge.terminal.progress import Progress
from sonoedge.terminal.termination import EXIT_CODE, Terminated, termination


def screen(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code.

    Raises:
        ItemsFailed: some items failed; the others are done.
        ScreeningStopped: this machine or cluster cannot go on.
        SonoedgeError: an argument, the bundle, the archive or the folder cannot be used.
    """
    args = _parser().parse_args(argv)
    if args.report is not None:
        _only_report(args)
        _write_parquet(args.report, asked=args.parquet)
        print(_report(args.report, str(args.report)))
        return 0
    request = _request(args)
    progress = Progress(None)

    def show(ledger: Ledger) -> None:
        progress.show(ledger.items, f"items, failed {ledger.failed}, frames {ledger.frames}")

    try:
        with termination():
            screened = run_screening(request, show)
    except Terminated:
        return EXIT_CODE
    finally:
        progress.clear()
    _tell(screened)
    out = Path(request.job.out)
    _write_parquet(out, asked=args.parquet)
    print(_report(out, args.out))
    if screened.failed:
        raise ItemsFailed(
            f"{screened.failed} of {screened.status['items']} items failed; the report lists them, "
            "and --retry-failed tries them again"
        )
    if screened.unreadable:
        raise ItemsFailed(
            f"{screened.unreadable} folders or files cannot be looked at, and what they hold was "
            "not screened; give this user the right to read them"
        )
    return 0


def _report(out: Path, shown: str) -> str:
    try:
        return write_report(out, shown=shown)
    except SonoedgeError:
        raise  # some are OSErrors as well
    except OSError as error:
        raise ScreeningStopped(
            f"the report cannot be written: {error.strerror}; mend that, and call "
            f"sonoedge screen --report {printable(shown)}"
        ) from None


def _write_parquet(out: Path, *, asked: bool) -> None:
    if asked:
        from sonoedge.archive.parquet import write_parquet  # late: it needs the extra `parquet`

        write_parquet(out)


def _tell(screened: Screened) -> None:
    status = screened.status
    kept = f", {status['kept']} of them from before" if status["kept"] else ""
    print(
        f"{status['items']} items{kept}; {status['frames']} frames in {status['seconds']:.1f} s",
        file=sys.stderr,
    )


def _only_report(args: argparse.Namespace) -> None:
    parser = _parser()
    given = {name for name, value in vars(args).items() if value != parser.get_default(name)}
    if given - {"report", "parquet"}:
        raise InvalidSettings("--report DIR shows what is there; give it alone, or with --parquet")


def _request(args: argparse.Namespace) -> Request:
    if args.archive is None or args.bundle is None or args.out is None:
        raise InvalidSettings("give ARCHIVE, --bundle BUNDLE and --out DIR, or --report DIR alone")
    if not (math.isfinite(args.limit_s) and args.limit_s > 0):
        raise InvalidSettings("--limit-s must be above 0")
    if args.workers is not None and not 1 <= args.workers <= 1024:
        raise InvalidSettings("--workers must be from 1 to 1024")
    if args.workers is not None and args.scheduler is not None:
        raise InvalidSettings("--workers are this machine's; a cluster brings its own")
    if args.tls is not None and args.scheduler is None:
        raise InvalidSettings("--tls goes with --scheduler")
    if store_root(args.bundle) is not None:
        raise InvalidSettings("a store changes its bundle; give the folder of one bundle")
    archive, out = (os.path.abspath(path) for path in (args.archive, args.out))  # noqa: PTH100
    if Path(out).resolve().is_relative_to(Path(archive).resolve()):
        raise InvalidSettings("--out lies in the archive, which would then hold its own results")
    read_bundle(args.bundle)  # what is wrong with it is told by the caller's spelling
    return Request(
        job=Job(
            archive=archive,
            out=out,
            bundle=os.path.abspath(args.bundle),  # noqa: PTH100
            variant=args.variant,
            limit_s=args.limit_s,
            follow=args.follow,
            retry_failed=args.retry_failed,
        ),
        workers=args.workers or len(os.sched_getaffinity(0)),
        scheduler=args.scheduler,
        tls=args.tls,
        glob=args.glob,
        trust_mtime=args.trust_mtime,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge screen",
        description="Analyse every recording of an archive by the rules of live use and its own "
        "clock, one part file for each, and report on them. Called again, it goes on where it "
        "stopped. Research use - not for diagnosis.",
    )
    add = parser.add_argument
    add("archive", metavar="ARCHIVE", nargs="?", help="a folder of recordings and pictures")
    add("--bundle", metavar="BUNDLE", help="the bundle's folder")
    add("--out", metavar="DIR", help="where parts and report go; an earlier run goes on there")
    add("--report", metavar="DIR", type=Path, help="analyse nothing: report on what DIR holds")
    add("--variant", metavar="ID", help="a variant of the bundle; left out, the fastest here")
    add(
        "--workers",
        type=int,
        metavar="N",
        help="processes on this machine; one for each of its cores where it is not given",
    )
    add("--scheduler", metavar="ADDRESS", help="of a cluster (dask.distributed, extra archive)")
    add(
        "--tls",
        type=Path,
        metavar="DIR",
        help="ca.pem, cert.pem and key.pem for the cluster; without them, a scheduler on this "
        "machine alone is called",
    )
    add(
        "--limit-s",
        type=float,
        default=600.0,
        metavar="S",
        help="seconds that an item may take (600)",
    )
    add("--glob", metavar="PATTERN", help="files whose name or path matches; quote it")
    add("--follow", action="store_true", help="follow links, also out of the archive")
    add("--retry-failed", action="store_true", help="try items again that failed before")
    add(
        "--trust-mtime",
        action="store_true",
        help="an item of the size and time that its part was made of is taken for unchanged, "
        "and not read again",
    )
    add("--parquet", action="store_true", help="write frames.parquet as well (extra parquet)")
    return parser
