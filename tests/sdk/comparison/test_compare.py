from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sonoedge.bundle import Manifest
from sonoedge.comparison import compare
from sonoedge.comparison.compare import ABSENT

Make = Callable[..., Manifest]


def test_a_bundle_does_not_differ_from_itself(manifest: Make) -> None:
    comparison = compare(manifest(), manifest())
    assert comparison.changes == ()
    assert comparison.modified == ()
    assert comparison.same_frames


def test_a_changed_threshold_is_told_where_it_stands_with_both_values(manifest: Make) -> None:
    def raised(data: dict[str, Any]) -> None:
        data["postprocess"]["flag_threshold"] = 0.6
        data["operating_point"]["threshold"] = 0.6

    comparison = compare(manifest(), manifest(raised))
    assert comparison.modified == ("thresholds",)
    assert [(c.key, c.old, c.new) for c in comparison.of("thresholds")] == [
        ("operating_point.threshold", 0.5, 0.6),
        ("postprocess.flag_threshold", 0.5, 0.6),
    ]


def test_a_variant_that_is_gone_is_removed_and_the_others_are_unchanged(manifest: Make) -> None:
    comparison = compare(manifest(), manifest(lambda data: data["variants"].pop(1)))
    keys = [c.key for c in comparison.of("engines")]
    assert {key.partition(".")[0] for key in keys} == {"variants[openvino-fp32]"}
    assert all(c.new is ABSENT for c in comparison.of("engines"))


def test_a_file_of_other_bytes_is_told_by_its_digest(manifest: Make) -> None:
    def other(data: dict[str, Any]) -> None:
        data["files"]["graphs/fp32.onnx"]["sha256"] = "0" * 64

    (change,) = compare(manifest(), manifest(other)).changes
    assert (change.area, change.key) == ("engines", "files[graphs/fp32.onnx].sha256")


def test_a_value_that_became_none_is_not_one_that_is_absent(manifest: Make) -> None:
    def off(data: dict[str, Any]) -> None:
        data["guard"]["frozen_after_ms"] = None

    (change,) = compare(manifest(), manifest(off)).changes
    assert (change.old, change.new) == (500.0, None)
