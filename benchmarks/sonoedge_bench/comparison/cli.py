"""sonoedge bench compare"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sonoedge.errors import GateFailed, InvalidSettings
from sonoedge_bench.comparison.compare import compare
from sonoedge_bench.document.files import read_document, write_json
from sonoedge_bench.options import Outputs
from sonoedge_bench.parse import percent
from sonoedge_bench.report.comparison import show_comparison, show_files


def compare_files(argv: Sequence[str]) -> int:
    """sonoedge bench compare A.json B.json [...]

    Raises:
        InvalidSettings: unlike machines or bundles without --force, or one file alone.
        InvalidData: a file is not a measurement, or nothing can be compared.
        GateFailed: with --fail-over, something is slower by more.
    """
    parser = argparse.ArgumentParser(
        prog="sonoedge bench compare",
        description="Compare each file with the first: ratios, intervals, verdicts.",
    )
    add = parser.add_argument
    add(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE.json",
        help="documents of bench --json; the first is the baseline",
    )
    add("--fail-over", metavar="PERCENT", help="exit code 3 where a file is slower by more")
    add("--force", action="store_true", help="compare unlike machines or models all the same")
    add("--json", type=Path, metavar="FILE", help="write the comparisons")
    args = parser.parse_args(argv)
    if len(args.files) < 2:
        raise InvalidSettings("compare takes two or more files, the first is the baseline")
    limit = None if args.fail_over is None else percent(args.fail_over)
    Outputs(json=args.json).check(args.files)
    documents = [read_document(path) for path in args.files]
    results = [
        compare(documents[0], document, fail_over=limit, force=args.force)
        for document in documents[1:]
    ]
    if args.json is not None:
        write_json(args.json, {"files": [p.name for p in args.files], "comparisons": results})
    names = [path.name for path in args.files]
    if len(results) > 1:
        show_files(names, documents, results)
    for name, result in zip(names[1:], results, strict=True):
        show_comparison(result, names[0], name)
    failures = [failure for result in results for failure in result.failures]
    if failures:
        raise GateFailed("; ".join(failures))
    return 0
