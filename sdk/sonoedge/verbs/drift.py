"""`sonoedge drift`: how far what boxes and archives show and answer has moved."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sonoedge.bundle import read_bundle
from sonoedge.bundle.names import printable
from sonoedge.drift.counts import Counts
from sonoedge.drift.measure import Shift, compare
from sonoedge.drift.reference import bundle_counts
from sonoedge.drift.report_file import ReportFile, read_report
from sonoedge.errors import DriftFound, InvalidData, InvalidSettings
from sonoedge.settings import plain

_MEASURES: Final = {
    "abstained": "abstained",
    "suspicion": "suspicion",
    "grey_mean": "grey",
    "grey_deviation": "contrast",
}
_MARKS: Final = {"stable": "  ", "moderate": " !", "large": "!!", "undecided": " ?"}
_FAILING: Final = {"moderate": ("moderate", "large"), "large": ("large",)}


def drift(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code.

    Raises:
        DriftFound: a shift is as large as --fail-on says.
        SonoedgeError: the bundle or a report cannot be used, or there is nothing to compare with.
    """
    args = _parser().parse_args(argv)
    reports = [(path, read_report(path)) for path in args.reports]
    reference = _reference(args, [report for _, report in reports])
    shifts = [
        (
            path,
            report,
            compare(
                report.counts,
                reference.counts,
                recordings=report.recordings,
                reference_recordings=reference.recordings,
            ),
        )
        for path, report in reports
    ]
    if args.json:
        print(json.dumps([_plain(*row) for row in shifts], indent=1, allow_nan=False))
    else:
        _print(shifts, reference.counts)
    sizes = _FAILING.get(args.fail_on, ())
    found = [path.name for path, _, of in shifts if any(s.size in sizes for s in of.values())]
    if found:
        raise DriftFound(
            f"{len(found)} of {len(shifts)} reports show a shift that is {args.fail_on} or more: "
            f"{printable(', '.join(found)[:300])}"
        )
    return 0


def _reference(args: argparse.Namespace, reports: Sequence[ReportFile]) -> ReportFile:
    if (args.bundle is None) == (args.against is None):
        raise InvalidSettings("give --bundle BUNDLE or --against REPORT, and not both")
    if args.against is not None:
        if args.variant is not None:
            raise InvalidSettings("--variant goes with --bundle")
        earlier = read_report(args.against)
        _of_one_bundle([earlier.bundle_id, *(report.bundle_id for report in reports)])
        return _not_empty(earlier, args.against.name)
    bundle = read_bundle(args.bundle)
    manifest = bundle.manifest
    _of_one_bundle([manifest.bundle_id, *(report.bundle_id for report in reports)])
    variant = bundle.variant(args.variant or manifest.reference_variant)
    counts = bundle_counts(bundle, variant.id)
    if counts is None:
        raise InvalidData(
            f"{manifest.bundle_id} holds no statistics of the frames that it was measured on; "
            "export it again, or compare with an earlier report (--against)"
        )
    report = ReportFile(counts=counts, recordings=None, bundle_id=manifest.bundle_id)
    return _not_empty(report, manifest.bundle_id)


def _of_one_bundle(bundle_ids: Sequence[str | None]) -> None:
    """Another network answers otherwise to the same pictures: that is no drift."""
    ids = list(dict.fromkeys(i for i in bundle_ids if i is not None))
    if len(ids) > 1:
        raise InvalidData(f"a report is of {printable(ids[1])}, and not of {printable(ids[0])}")


def _not_empty(report: ReportFile, name: str) -> ReportFile:
    if not report.counts.frames:
        raise InvalidData(f"{name} counts no frame to compare with")
    return report


def _print(
    shifts: Sequence[tuple[Path, ReportFile, Mapping[str, Shift]]], reference: Counts
) -> None:
    print(f"population stability index against {reference.frames} frames")
    titles = "".join(f"{title:>10}" for title in _MEASURES.values())
    print(f"{'report':24}{'frames':>10}  {titles}")
    for path, report, of in shifts:
        cells = "".join(f"{_cell(of.get(name)):>10}" for name in _MEASURES)
        print(f"{printable(path.name)[:24]:24}{report.counts.frames:10}  {cells}")
    print("! moderate (0.1), !! large (0.25), ? too few to tell from chance")
    if not all(report.counts.frames for _, report, _ in shifts):
        print("- nothing was counted, so that nothing is known of it")
    if any(report.recordings is None for _, report, _ in shifts):
        print("a device's frames are taken for independent, which lets chance pass for a shift")


def _cell(shift: Shift | None) -> str:
    return "-   " if shift is None else f"{shift.index:.2f} {_MARKS[shift.size]}"


def _plain(path: Path, report: ReportFile, of: Mapping[str, Shift]) -> dict[str, object]:
    return {
        "report": path.name,
        "frames": report.counts.frames,
        "recordings": report.recordings,
        "drift": plain(dict(of)),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge drift",
        description="Compare what boxes and archives counted with the frames that their bundle "
        "was measured on, or with an earlier report: how often a frame was not analysed, its "
        "suspicion, its grey levels and their contrast.",
    )
    add = parser.add_argument
    add(
        "reports",
        metavar="REPORT",
        nargs="+",
        type=Path,
        help="report.json of sonoedge screen, or its folder, or a device's metrics (*.prom)",
    )
    add("--bundle", metavar="BUNDLE", type=Path, help="the bundle that they ran")
    add("--variant", metavar="ID", help="its variant; the bundle's reference where it is not given")
    add("--against", metavar="REPORT", type=Path, help="another report, in place of a bundle")
    add("--fail-on", choices=tuple(_FAILING), help="end with exit code 3 from this shift on")
    add("--json", action="store_true", help="print the figures as JSON")
    return parser
