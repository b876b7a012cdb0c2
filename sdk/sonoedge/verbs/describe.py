"""`sonoedge describe`: measure the regions of a frame, and put them into words."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2

from sonoedge import sources
from sonoedge.analysis import NotAnalysed
from sonoedge.bundle import read_bundle
from sonoedge.engines import open as opening
from sonoedge.errors import InvalidSettings, NothingAnalysed, OutputError, SourceError
from sonoedge.frames import Frame
from sonoedge.outputs.description import frame_record, frame_text
from sonoedge.outputs.overlay import draw
from sonoedge.outputs.overlay.style import Picture
from sonoedge.outputs.place import check_output
from sonoedge.outputs.remedies import remedy
from sonoedge.outputs.whole_file import write_whole
from sonoedge.outputs.wording import taught
from sonoedge.sources.live import is_folder
from sonoedge.trust.policy import read_policy
from sonoedge.verbs.engine_arguments import add_engine_arguments, engine_options


def describe(argv: Sequence[str]) -> int:
    """sonoedge describe BUNDLE FRAME [--json] [--overlay FILE] [--certainty FILE]

    Raises:
        InvalidSettings: the bundle measures nothing, the overlay does not end in .png or would
            overwrite the frame, or the thresholds are of another bundle or variant.
        NothingAnalysed: the frame was refused: nothing is said of it.
        SonoedgeError: the bundle, the frame or the overlay's place cannot be used.
    """
    args = parser().parse_args(argv)
    if args.overlay is not None and args.overlay.suffix.lower() != ".png":
        raise InvalidSettings(
            f"--overlay writes one picture; its name must end in .png: {args.overlay}"
        )
    check_output("--overlay", args.overlay, args.frame, args.bundle, args.certainty)
    cv2.setNumThreads(1)  # pictures are small: OpenCV's pool would only disturb the engine's
    if read_bundle(args.bundle, trust=read_policy()).manifest.measure is None:
        raise InvalidSettings(
            "this bundle measures nothing of a region; export it again from a recipe with a "
            "[measure] table"
        )
    frame, name = _first(args.frame)
    with opening.open(
        args.bundle, engine_options(args), tracking=False, certainty=args.certainty
    ) as analyser:
        print(f"variant {analyser.choice}", file=sys.stderr)
        analysis = analyser.analyse(frame)
        if isinstance(analysis, NotAnalysed):
            reasons = ", ".join(reason.value for reason in analysis.reasons) + taught(analysis)
            hint = remedy({analysis.reasons[0].value: 1})
            raise NothingAnalysed(
                f"{name} was not analysed, so it is not described: {reasons}"
                + (f"; {hint}" if hint else "")
            )
        descriptions = tuple(analyser.describe(frame, region) for region in analysis.regions)
    if args.overlay is not None:
        _write(args.overlay, draw(frame, analysis, descriptions=descriptions))
    if args.json:
        print(json.dumps(frame_record(analysis, descriptions, file=name), allow_nan=False))
    else:
        if is_folder(args.frame):
            print(f"{name}, the first of this folder:")
        print(frame_text(analysis, descriptions))
    return 0


def _write(path: Path, picture: Picture) -> None:
    done, data = cv2.imencode(".png", picture)
    if not done:
        raise OutputError(f"the overlay cannot be made a PNG: {path}")
    write_whole("the overlay", path, data.tobytes())


def _first(path: str) -> tuple[Frame, str]:
    """The first frame of a file or of a folder's first file, and that file's name."""
    with sources.open_source(path) as source:
        for frame in source:
            return frame, frame.meta.file or source.name
    raise SourceError(f"{path} holds no frame")


def parser() -> argparse.ArgumentParser:
    """The verb's arguments."""
    parser = argparse.ArgumentParser(
        prog="sonoedge describe",
        description="Measure the regions that a bundle's network finds in a frame: shape, margin, "
        "texture; and say it in words where the bundle has a table of them. It is no finding and "
        "no advice: what the words mean is the reader's to judge.",
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="a bundle with [measure]")
    parser.add_argument(
        "frame",
        metavar="FRAME",
        help="a picture; of a file or folder of several, the first, which is named",
    )
    parser.add_argument("--json", action="store_true", help="print all measures as JSON")
    parser.add_argument(
        "--overlay",
        type=Path,
        metavar="FILE",
        help="a PNG of the frame with its regions; a second opinion that disagrees is said at its "
        "region",
    )
    parser.add_argument(
        "--certainty",
        type=Path,
        metavar="FILE",
        help="what sonoedge recalibrate wrote for this bundle and variant, in place of the "
        "bundle's own thresholds; it is not signed",
    )
    add_engine_arguments(parser)
    return parser
