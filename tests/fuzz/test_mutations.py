"""trees.py, mutation.py and the repairs: the same seed gives the same inputs, seeds stay whole."""

from __future__ import annotations

import copy
import random
from typing import Any

import cv2
import numpy as np

from fuzz import mutation, trees
from fuzz.points import png_checksums
from fuzz.points.toml_text import as_toml
from fuzz.seeds import as_json
from sonoedge_bench.targets.target import tomllib

TREE: dict[str, Any] = {"a": [1, {"b": "c"}], "d": None}


def test_places_are_those_of_inner_values_too() -> None:
    assert list(trees.places(TREE)) == [
        (), ("a",), ("a", 0), ("a", 1), ("a", 1, "b"), ("d",)
    ]  # fmt: skip


def test_trees_differ_from_their_seed_and_leave_it_as_it_was() -> None:
    before, paths = copy.deepcopy(TREE), list(trees.places(TREE))
    made, again = (
        [as_json(trees.mutated(random.Random(n), TREE, paths)) for n in range(100)]
        for _ in range(2)
    )
    assert before == TREE
    assert made == again
    assert len(set(made)) > 50


def test_bytes_differ_from_their_seed_and_come_again() -> None:
    made = [mutation.mutated(random.Random(n), b"a seed of some bytes") for n in range(100)]
    assert made == [mutation.mutated(random.Random(n), b"a seed of some bytes") for n in range(100)]
    assert len(set(made)) > 80


def test_a_changed_png_gets_right_checksums_again() -> None:
    data = bytes(cv2.imencode(".png", np.zeros((4, 5), np.uint8))[1])
    assert png_checksums.repair(data) == data
    damaged = bytearray(data)
    damaged[-14] ^= 1  # the checksum of the chunk before the last
    assert png_checksums.repair(bytes(damaged)) == data


def test_a_tree_as_toml_is_read_as_the_same_tree() -> None:
    tree = {"a b": [1, 2.5, True, 'x"y'], "t": {"u": {}, "v": [{"w": -1}]}}
    assert tomllib.loads(as_toml(tree).decode()) == tree
