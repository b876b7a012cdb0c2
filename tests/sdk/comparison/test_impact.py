from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sonoedge.bundle import Manifest
from sonoedge.comparison.impact import figure_changes, gate_answers, on_same_frames

Make = Callable[..., Manifest]


def _metric(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        data["variants"][0]["metrics"][name] = value

    return change


def test_a_figure_has_both_values_their_intervals_and_the_difference(manifest: Make) -> None:
    figures = figure_changes(manifest(), manifest(_metric("dice_mean", 0.8)))
    (dice,) = [f for f in figures if f.variant == "onnxruntime-fp32" and f.figure == "dice_mean"]
    assert (dice.old, dice.new) == (0.858698, 0.8)
    assert dice.difference == pytest.approx(-0.058698)
    assert dice.old_ci95 == dice.new_ci95 == (0.806771, 0.908808)


def test_what_is_no_number_is_no_figure(manifest: Make) -> None:
    for value in ("0.9", True, None, [1]):
        figures = figure_changes(manifest(), manifest(_metric("sensitivity", value)))
        (changed,) = [
            f for f in figures if f.variant == "onnxruntime-fp32" and f.figure == "sensitivity"
        ]
        assert changed.new is None
        assert changed.difference is None


def test_other_frames_are_not_the_same_frames(manifest: Make) -> None:
    def others(data: dict[str, Any]) -> None:
        data["lineage"]["data"][0]["sha256"] = "0" * 64

    def unknown(data: dict[str, Any]) -> None:
        data["lineage"]["data"] = []

    assert on_same_frames(manifest(), manifest())
    assert not on_same_frames(manifest(), manifest(others))
    assert not on_same_frames(manifest(unknown), manifest(unknown))


def test_answers_of_gates_are_counted_and_undecided_is_no_pass(manifest: Make) -> None:
    def undecided(data: dict[str, Any]) -> None:
        data["variants"][0]["metrics"]["gates"]["dice_drop"]["answer"] = "undecided"

    assert gate_answers(manifest()) == {"pass": 10}
    assert gate_answers(manifest(undecided)) == {"pass": 9, "undecided": 1}
