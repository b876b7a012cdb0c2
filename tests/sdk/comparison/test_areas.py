from __future__ import annotations

from collections.abc import Callable

from sonoedge.bundle import Manifest
from sonoedge.comparison.areas import area_of
from sonoedge.comparison.leaves import leaves
from sonoedge.settings import plain


def test_every_key_of_a_manifest_has_its_area(manifest: Callable[..., Manifest]) -> None:
    keys = [key for key in leaves(plain(manifest())) if key != "bundle_id"]
    assert len(keys) > 100
    assert [key for key in keys if area_of(key) == "other"] == []


def test_an_unknown_key_is_not_lost() -> None:
    assert area_of("something.new") == "other"


def test_what_was_chosen_is_told_from_what_came_out() -> None:
    assert area_of("operating_point.threshold") == "thresholds"
    assert area_of("operating_point.sensitivity") == "results"
    assert area_of("variants[x].tolerance.probs") == "self-test"
    assert area_of("variants[x].metrics.dice_mean") == "results"
    assert area_of("variants[x].model") == "engines"
    assert area_of("postprocess.labels") == "labels"
    assert area_of("postprocess.flag_threshold") == "thresholds"
