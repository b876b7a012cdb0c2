"""Three ways to make inputs.

"trees" replaces values of a document: it finds what a reader assumes of values. "bytes" changes
bytes of the seeds. "coverage" is atheris, which keeps what reaches new code: it finds the way
into parsers written in Python; it is left out where it is not installed.
"""

from __future__ import annotations

import importlib.util
import random

from fuzz import mutation, trees
from fuzz.budget import Budget
from fuzz.coverage import run_coverage
from fuzz.entry_point import Engine, EntryPoint
from fuzz.guarded import Inputs, run_guarded
from fuzz.tally import Tally


def available(point: EntryPoint) -> tuple[Engine, ...]:
    """The entry point's engines that are installed here."""
    atheris = importlib.util.find_spec("atheris") is not None
    return tuple(e for e in point.engines if e != "coverage" or atheris)


def run(name: str, point: EntryPoint, engine: Engine, budget: Budget, seed: int) -> Tally:
    """One engine on one entry point; the same seed gives the same inputs, but for "coverage"."""
    if engine == "coverage":
        return run_coverage(name, point, budget, seed)
    inputs = _tree_inputs(point, seed) if engine == "trees" else _byte_inputs(point, seed)
    return run_guarded(point, inputs, budget)


def _tree_inputs(point: EntryPoint, seed: int) -> Inputs:
    document = point.document
    assert document is not None
    places = [list(trees.places(tree)) for tree in document.trees]

    def make(number: int) -> bytes:
        rng = random.Random(f"{seed} trees {number}")
        which = rng.randrange(len(document.trees))
        return document.encode(trees.mutated(rng, document.trees[which], places[which]))

    return make


def _byte_inputs(point: EntryPoint, seed: int) -> Inputs:
    def make(number: int) -> bytes:
        rng = random.Random(f"{seed} bytes {number}")
        data = mutation.mutated(rng, rng.choice(point.seeds))
        return point.repair(data) if point.repair is not None and rng.random() < 0.5 else data

    return make
