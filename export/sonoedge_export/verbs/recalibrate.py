"""sonoedge recalibrate: thresholds of certainty from a user's own labelled frames."""

from __future__ import annotations

import argparse
import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sonoedge.errors import OutputError
from sonoedge_export.verbs.packages import packages

if TYPE_CHECKING:
    from sonoedge_export.recalibrate import Recalibrated


def recalibrate(argv: Sequence[str]) -> int:
    """sonoedge recalibrate BUNDLE --data FRAMES.json --out FILE

    Raises:
        OutputError: the file is there already, or cannot be written.
        SonoedgeError: the bundle or the frames cannot be used.
    """
    args = _parser().parse_args(argv)
    with packages("export"):
        from sonoedge_export.progress import Stages
        from sonoedge_export.recalibrate import recalibrate as calibrate_again
    from sonoedge.certainty import check_alpha

    check_alpha(args.alpha)
    _check_free(args.out)
    result = calibrate_again(args.bundle, args.data, args.split, args.variant, args.alpha, Stages())
    _write(args.out, result.file.text())
    head, *lines = _lines(result)
    print(head)
    for line in lines:
        print(textwrap.fill(line, 78, initial_indent="  ", subsequent_indent="  "))
    return 0


def _check_free(out: Path) -> None:
    if os.path.lexists(out):
        raise OutputError(f"{out} is there already; remove it or give another path")


def _write(out: Path, text: str) -> None:
    from sonoedge.durable import write_durably

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_durably(out, text.encode())
    except OSError as error:
        raise OutputError(f"the thresholds cannot be written ({error.strerror}): {out}") from error


def _lines(result: Recalibrated) -> Iterator[str]:
    from sonoedge.certainty import BREAKS

    certainty, before = result.file.certainty, result.before
    on = certainty.calibrated_on
    yield f"{result.file.bundle_id}, {result.file.variant}, on {on.name}"
    yield (
        f"one frame of each of {on.patients} patients: {on.malignant} malignant, "
        f"{on.benign} benign; {result.not_analysed} frames were not analysed"
    )
    yield (
        f"at alpha {certainty.alpha:g}: malignant from {certainty.malignant_from:.3f}, benign "
        f"up to {certainty.benign_up_to:.3f}"
    )
    if before is not None:
        covered = ("malignant", before.malignant_covered), ("benign", before.benign_covered)
        shares = ", ".join(f"{n} {'-' if s is None else format(s, '.3f')}" for n, s in covered)
        yield f"the bundle's own thresholds cover here: {shares}"
    yield BREAKS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge recalibrate",
        description="Calibrate what a suspicion excludes on labelled frames of your own: one "
        "frame per patient is taken, of those labelled benign or malignant. Alpha 0.1 needs 9 "
        "patients of each class, 0.05 needs 19, 0.01 needs 99.",
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the folder of the bundle")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FRAMES.json", help="the labelled frames"
    )
    parser.add_argument("--split", help="only frames of this split")
    parser.add_argument("--variant", metavar="ID", help="whose suspicions count (the fastest)")
    parser.add_argument(
        "--alpha", type=float, default=0.1, help="share of each class that may be excluded (0.1)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="for sonoedge.open(certainty=FILE)"
    )
    return parser
