"""sonoedge bench"""

from __future__ import annotations

from collections.abc import Sequence

from sonoedge_bench.comparison.cli import compare_files
from sonoedge_bench.document.files import schema_text
from sonoedge_bench.parse import options
from sonoedge_bench.report.targets import list_targets
from sonoedge_bench.run import run


def bench(argv: Sequence[str]) -> int:
    """sonoedge bench BUNDLE | compare | targets | schema

    Raises:
        SonoedgeError: as `sonoedge_bench.run.run` and `sonoedge_bench.comparison.cli`.
    """
    arguments = list(argv)
    if arguments[:1] == ["compare"]:
        return compare_files(arguments[1:])
    if arguments == ["targets"]:
        list_targets()
        return 0
    if arguments == ["schema"]:
        print(schema_text(), end="")
        return 0
    return run(options(arguments))
