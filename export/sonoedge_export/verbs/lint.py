"""sonoedge lint: judge a graph before it goes to a device."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sonoedge_export.verbs.packages import packages

if TYPE_CHECKING:
    from sonoedge_export.lint import Verdict

TARGETS: Final = ("tensorrt",)
MOST_PLACES: Final = 3  # printed per rule; --json holds all


def lint(argv: Sequence[str]) -> int:
    """sonoedge lint MODEL.onnx [--target tensorrt] [--json]"""
    args = _parser().parse_args(argv)
    with packages("export"):
        from sonoedge.errors import GateFailed, InvalidSettings
        from sonoedge.settings import plain
        from sonoedge_export.lint import lint as judge
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
        yield from (f"  {f.node}: {f.problem}" for f in places[:MOST_PLACES])
        if len(places) > MOST_PLACES:
            yield f"  ... and {len(places) - MOST_PLACES} more"
        yield f"  why:    {first.why}"
        yield f"  remedy: {first.remedy}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge lint",
        description="Judge an ONNX graph as TensorRT would; exit code 3 where it has errors.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.onnx", help="the graph to judge")
    parser.add_argument(
        "--target", choices=TARGETS, default=TARGETS[0], help="whose rules (default: tensorrt)"
    )
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    return parser
