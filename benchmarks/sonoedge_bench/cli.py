"""sonoedge bench"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from sonoedge_bench.comparison.cli import compare_files
from sonoedge_bench.document.files import schema_text
from sonoedge_bench.parse import options
from sonoedge_bench.report.targets import list_targets
from sonoedge_bench.run import run


def bench(argv: Sequence[str]) -> int:
    """sonoedge bench BUNDLE|MODEL.onnx | compare | targets | schema

    Raises:
        SonoedgeError: as `sonoedge_bench.run.run` and `sonoedge_bench.comparison.cli`.
    """
    arguments = list(argv)
    if arguments[:1] == ["compare"]:
        return compare_files(arguments[1:])
    if arguments[:1] == ["targets"]:
        _parse("targets", "The targets, and whether this machine is one.", arguments[1:])
        list_targets()
        return 0
    if arguments[:1] == ["schema"]:
        _parse("schema", "The JSON Schema of the document that --json writes.", arguments[1:])
        print(schema_text(), end="")
        return 0
    return run(options(arguments))


def _parse(name: str, description: str, argv: Sequence[str]) -> None:
    """A command without arguments: its help, and a refusal of anything else."""
    parser = argparse.ArgumentParser(prog=f"sonoedge bench {name}", description=description)
    parser.parse_args(argv)
