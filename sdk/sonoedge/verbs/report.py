"""`sonoedge report`: analyse a DICOM recording, and write what hospitals' systems read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sonoedge.bundle.names import printable
from sonoedge.outputs.wording import counted
from sonoedge.report.request import Request
from sonoedge.terminal.progress import Progress
from sonoedge.terminal.termination import termination
from sonoedge.verbs.engine_arguments import add_engine_arguments, engine_options

if TYPE_CHECKING:
    from sonoedge.report.making import Made


def report(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code.

    Raises:
        SonoedgeError: an argument, the bundle, the file or the folder cannot be used. Nothing
            is left behind.
    """
    request = _request(_parser().parse_args(argv))
    progress = Progress(None)
    try:
        with termination():
            from sonoedge.report.making import make_report  # late: it needs the extra `report`

            made = make_report(request, lambda done, count: progress.show(done, f"of {count}"))
    finally:
        progress.clear()
    print(made.choice, file=sys.stderr)
    _print(made, request.out)
    return 0


def _print(made: Made, folder: Path) -> None:
    findings = made.findings
    print(f"{findings.summary.value} {findings.summary.meaning}")
    print(printable(findings.comment))
    for finding in findings.findings:
        seen = counted(finding.suspicious_frames, "frame")
        print(
            f"{finding.label}: suspicion {finding.suspicion:.2f} in frame {finding.frame}, "
            f"suspicious in {seen}"
        )
    for note in made.notes:
        print(note)
    for name, uid in made.files:
        print(f"{folder / name}" + (f"  {uid}" if uid else ""))


def _request(args: argparse.Namespace) -> Request:
    return Request(
        bundle=args.bundle,
        source=args.source,
        out=args.out,
        sr=args.sr,
        seg=args.seg,
        overlay=args.overlay,
        fhir=args.fhir,
        patient=args.patient,
        blank=args.blank_outside_region,
        fps=args.fps,
        jsonl=args.jsonl,
        engine=engine_options(args),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge report",
        description="Analyse a DICOM ultrasound recording and write a structured report beside "
        "it, in its study. Research use - not for diagnosis. What is made names the patient, as "
        "its source does.",
    )
    add = parser.add_argument
    add("bundle", metavar="BUNDLE", help="the bundle's folder")
    add("source", metavar="SOURCE.dcm", type=Path, help="an ultrasound image or cine")
    add(
        "--out",
        metavar="DIR",
        type=Path,
        required=True,
        help="the folder to make; it appears with all files, or not at all",
    )
    add(
        "--sr",
        choices=("3d", "comprehensive", "none"),
        default="3d",
        help="the structured report: Comprehensive 3D SR (the default), Comprehensive SR for an "
        "archive that refuses that, or none",
    )
    add("--seg", action="store_true", help="write the regions as a segmentation")
    add(
        "--overlay",
        action="store_true",
        help="write the pictures with the regions drawn in, as a secondary capture",
    )
    add("--fhir", action="store_true", help="write a FHIR R4 bundle")
    add(
        "--patient",
        action="store_true",
        help="with --fhir: name the patient in it, by the file's patient ID",
    )
    add(
        "--blank-outside-region",
        action="store_true",
        help="with --overlay: black out what lies outside the tissue region, where text stands; "
        "refused where the file says no region that can be trusted",
    )
    add(
        "--fps",
        type=float,
        metavar="N",
        help="frames per second, where the file does not say or says it wrongly",
    )
    add(
        "--jsonl",
        type=Path,
        metavar="FILE",
        help="take the results of sonoedge run --jsonl FILE on this very file, and analyse nothing",
    )
    add_engine_arguments(parser)
    return parser
