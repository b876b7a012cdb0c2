"""A target's file of one's own, as `sonoedge bench --target` reads it."""

from __future__ import annotations

from fuzz.entry_point import Document, EntryPoint
from fuzz.points.toml_text import as_toml
from fuzz.scratch import scratch_file
from fuzz.seeds import TESTS
from sonoedge_bench.targets.target import load_target, tomllib

TEXTS = tuple(
    file.read_bytes()
    for file in sorted((TESTS.parent / "benchmarks/sonoedge_bench/targets").glob("*.toml"))
)


def attack(data: bytes) -> None:
    load_target(str(scratch_file("target.toml", data)))


POINT = EntryPoint(
    attack=attack,
    seeds=TEXTS,
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=tuple(tomllib.loads(t.decode()) for t in TEXTS), encode=as_toml),
    suffix=".toml",
)
