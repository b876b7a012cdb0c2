"""Build every network of the table for RTX GPUs, without one, and compare with lint.

    python examples/networks/for_tensorrt.py [--only NAME ...] [--graphs GRAPH ...] [--small]
        [--jobs N] [--out FOLDER] [--again]

Needs pip install 'sonoedge[export,compress,examples,tensorrt-rtx]'. Weights are untrained:
what counts here is which layers run in int8 or half precision, and that lint says what the
parser says. Ends with exit code 1 where a layer is not what the graph asks for, or the two
disagree. One JSON file per network in FOLDER; a network that has one is not built again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(Path(__file__).resolve().parent))

from dialects import GRAPHS, Dialect, NotWrittenError, network  # noqa: E402
from families import FAMILIES  # noqa: E402

from sonoedge.errors import EngineBuildFailed  # noqa: E402
from sonoedge_export.lint import Verdict, lint  # noqa: E402
from sonoedge_runtimes.trt_build import build  # noqa: E402

CAPABILITIES: Final = ("8.6", "8.9")
ONE_GPU: Final = ("fp32", "NNCF's int8", "ONNX Runtime's int8")  # not ours: one is enough
NOT_WRITTEN: Final = "its tool fails on this network"
MISREAD: Final = "uint8 quantizations would be read as int8"
HEAD: Final = (
    "| network | graph | GPU | lint | TensorRT-RTX | layers | meant in int8, are | MB | s |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A graph, built for a GPU.

    Attributes:
        capability: the GPU's.
        errors: ids of lint's rules that it breaks.
        outcome: "built", "refused", "misread, n x", or that there is no such graph.
        layers: compiled convolutions and products by precision.
        meant, are: how many nodes are meant in int8, and how many of them are.
        right: whether all is as it must be, and lint and TensorRT agree.
    """

    network: str
    graph: str
    capability: str
    errors: list[str]
    outcome: str
    layers: dict[str, int] = field(default_factory=dict)
    meant: int = 0
    are: int = 0
    megabytes: float = 0.0
    seconds: float = 0.0
    right: bool

    def __str__(self) -> str:
        """A line of the table."""
        built = self.outcome == "built"
        said = "" if self.outcome == NOT_WRITTEN else ", ".join(self.errors) or "no errors"
        cells = [
            *(self.network, self.graph, self.capability, said),
            self.outcome,
            ", ".join(f"{n} {p}" for p, n in sorted(self.layers.items())),
            f"{self.are} of {self.meant}" if self.meant else "",
            *((f"{self.megabytes:.1f}", f"{self.seconds:.1f}") if built else ("", "")),
        ]
        return f"| {' | '.join(cells)} |{'' if self.right else ' <- WRONG'}"


def rows(key: str, graphs: list[str], *, small: bool) -> Iterator[Row]:
    """All rows of a network."""
    graph, frames = network(key, small=small)
    for name in graphs:
        try:
            dialect = GRAPHS[name](graph, frames)
        except NotWrittenError as error:
            print(f"{key}, {name}: {error}", file=sys.stderr)
            yield Row(
                network=key, graph=name, capability="", errors=[], outcome=NOT_WRITTEN, right=True
            )
            continue
        verdict = lint(dialect.graph)
        for capability in CAPABILITIES[:1] if name in ONE_GPU else CAPABILITIES:
            yield judged(key, name, capability, dialect, verdict)


def judged(key: str, name: str, capability: str, dialect: Dialect, verdict: Verdict) -> Row:
    """Build a graph and say whether it became what it is meant to be, and lint knew."""
    errors = list(dict.fromkeys(f.id for f in verdict.errors))
    row = partial(Row, network=key, graph=name, capability=capability, errors=errors)
    try:
        made = build(
            dialect.graph, flavour="tensorrt-rtx", compute_capability=capability, timeout_s=1800
        )
    except EngineBuildFailed as error:
        count, _, rest = str(error).partition(" ")
        outcome = f"misread, {count} x" if rest.startswith(MISREAD) else "refused"
        return row(outcome=outcome, right=bool(errors) and dialect.theirs)
    report = made.report
    missing = report.not_int8(dialect.int8)
    floats = report.by_precision.get("float", 0)
    return row(
        outcome="built",
        layers=dict(report.by_precision),
        meant=len(dialect.int8),
        are=len(dialect.int8) - len(missing),
        megabytes=report.engine_bytes / 1e6,
        seconds=report.seconds,
        right=not errors and not missing and bool(report.layers) and floats <= dialect.kept_float,
    )


def kept(key: str, out: Path | None, again: bool, graphs: list[str], *, small: bool) -> list[Row]:
    """The rows of a network, from its file where there is one of the same graphs."""
    file = None if out is None else out / f"{key}.json"
    asked = {"graphs": graphs, "small": small}
    if file is not None and file.is_file() and not again:
        known = json.loads(file.read_text())
        if known["asked"] == asked:
            return [Row(**row) for row in known["rows"]]
    made = list(rows(key, graphs, small=small))
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        told = {"asked": asked, "rows": [asdict(row) for row in made]}
        file.write_text(json.dumps(told, indent=1) + "\n")
    return made


def main() -> int:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description="Build the networks for RTX GPUs, without one.")
    add = parser.add_argument
    add("--only", nargs="+", default=list(FAMILIES), choices=list(FAMILIES))
    add("--graphs", nargs="+", default=list(GRAPHS), choices=list(GRAPHS))
    add("--small", action="store_true", help="64 x 64 pixels, narrow linear layers")
    add("--jobs", type=int, default=1, help="networks at a time; large ones take gigabytes each")
    add("--out", type=Path, help="keep each network's rows here, and go on where they end")
    add("--again", action="store_true", help="also what is there already")
    args = parser.parse_args()
    one = partial(kept, out=args.out, again=args.again, graphs=args.graphs, small=args.small)
    wrong = 0
    print(HEAD, flush=True)
    spawn = multiprocessing.get_context("spawn")  # a fork would share torch's threads
    with ProcessPoolExecutor(args.jobs, mp_context=spawn) as pool:
        for found in pool.map(one, args.only):
            print("\n".join(map(str, found)), flush=True)
            wrong += sum(not row.right for row in found)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
