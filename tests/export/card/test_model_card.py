from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sonoedge.bundle import Card, CardData, read_bundle
from sonoedge_export.card.model_card import FrameSet, model_card, read_model_card
from sonoedge_export.card.verification import read_verification

TINY = Path(__file__).parents[2] / "data" / "tiny"


def test_a_card_tells_what_was_measured_with_its_interval_and_on_what() -> None:
    bundle = read_bundle(TINY)
    card = read_model_card(bundle)
    assert card.bundle_id == bundle.manifest.bundle_id
    (frames,) = card.judged_on
    assert (frames.title, frames.frames) == ("drawn", 8)
    assert [v.variant.id for v in card.variants] == [v.id for v in bundle.manifest.variants]
    dice = card.variants[0].measurement.figures["dice_mean"]
    assert dice.value == bundle.manifest.variants[0].metrics["dice_mean"]
    assert dice.ci95 is not None
    assert card.variants[0].measurement.name == "drawn"
    assert card.variants[0].gates["dice_drop"]["answer"] == "pass"
    assert card.operating_point_by_set[0].figures["sensitivity"].value == 1.0
    assert card.parameters == 434


def test_what_nobody_stated_is_absent() -> None:
    assert read_model_card(read_bundle(TINY)).stated == Card()


def test_frames_that_judge_are_joined_with_what_the_maker_states_of_them() -> None:
    bundle = read_bundle(TINY)
    drawn = CardData(name="drawn", used_for="test", licence="CC0-1.0")
    other = CardData(name="other", used_for="training")
    stated = Card(data=(drawn, other), users="nobody")
    card = model_card(replace(bundle.manifest, card=stated), read_verification(bundle))
    assert card.stated == stated
    assert card.judged_on[0].stated == drawn


def test_counts_of_another_use_of_a_set_are_not_those_of_the_frames_that_judge() -> None:
    bundle = read_bundle(TINY)
    trained_on = CardData(name="drawn", used_for="training", frames=900, licence="CC0-1.0")
    manifest = replace(bundle.manifest, card=Card(data=(trained_on,)))
    (frames,) = model_card(manifest, read_verification(bundle)).judged_on
    assert frames.stated is None
    assert (frames.frames, frames.licence) == (8, "CC0-1.0")


def test_groups_of_frames_are_told_by_the_frames_that_judge() -> None:
    bundle = read_bundle(TINY)
    groups = {"label benign": {"frames": 4, "dice_mean": 0.5}}
    verification = replace(read_verification(bundle), subgroups=groups)
    (group,) = model_card(bundle.manifest, verification).subgroups
    assert (group.name, group.frames) == ("drawn: label benign", 4)


@pytest.mark.parametrize("data", [None, "drawn", 3, [1, "x"], [{"frames": 8}]])
def test_a_lineage_in_another_form_gives_no_frame_sets(data: Any) -> None:
    bundle = read_bundle(TINY)
    manifest = replace(bundle.manifest, lineage={"data": data, "parameters": True})
    card = model_card(manifest, read_verification(bundle))
    assert card.judged_on == ()
    assert card.parameters is None
    assert card.variants[0].measurement.name == "labelled frames"


def test_a_split_is_part_of_a_frame_sets_title() -> None:
    one = FrameSet(name="busbra", split="val", frames=3, sha256=None, stated=None)
    assert one.title == "busbra val"
