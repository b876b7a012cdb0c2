"""sonoedge lint: judge a graph before it goes to a device."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from sonoedge.errors import GateFailed, InvalidSettings
from sonoedge.settings import plain
from sonoedge_export.lint.lint import Verdict
from sonoedge_export.lint.lint import lint as judge

TARGETS: Final = ("tensorrt",)
NAMED: Final = 3  # places told per rule; --json tells all


def lint(argv: Sequence[str]) -> int:
    """sonoedge lint MODEL.onnx --target tensorrt [--json]"""
    parser = argparse.ArgumentParser(
        prog="sonoedge lint",
        description="Judge an ONNX graph as TensorRT would; exit code 3 where it has errors.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.onnx", help="the graph")
    parser.add_argument("--target", choices=TARGETS, required=True, help="what will run the graph")
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    args = parser.parse_args(argv)
    try:
        graph = args.model.read_bytes()
    except OSError as error:
        raise InvalidSettings(f"{args.model} cannot be read: {error.strerror}") from None
    verdict = judge(graph)
    if args.json:
        print(json.dumps({"model": args.model.name, "target": args.target} | plain(verdict)))
    else:
        print("\n".join(text(verdict, args.model.name)))
    return GateFailed.exit_code if verdict.errors else 0


def text(verdict: Verdict, name: str) -> Iterator[str]:
    """The verdict for a person: each rule broken once, with the first places."""
    yield (
        f"{name}: {len(verdict.errors)} errors, {len(verdict.warnings)} warnings; "
        f"{verdict.quantized} of {verdict.weighted} convolutions and matrix products are quantized"
    )
    for rule in dict.fromkeys(f.id for f in verdict.findings):
        places = [f for f in verdict.findings if f.id == rule]
        first = places[0]
        yield f"\n{first.severity} {rule} {first.name}, {len(places)} x"
        yield from (f"  {f.node}: {f.what}" for f in places[:NAMED])
        if len(places) > NAMED:
            yield f"  ... and {len(places) - NAMED} more"
        yield f"  why:  {first.why}"
        yield f"  mend: {first.mend}"
