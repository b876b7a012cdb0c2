from __future__ import annotations

from dataclasses import replace

from sonoedge.bundle import Gates
from sonoedge_export.gates.change import judge_change

from .outcomes import results, trained


def test_the_same_answers_on_many_frames_have_lost_nothing() -> None:
    frames = trained(4000)
    old = results(frames, frames)
    answers = {j.gate: j.answer for j in judge_change(Gates(), old, old).results}
    assert answers == dict.fromkeys(
        ("dice_drop", "auroc_drop", "sensitivity_drop", "flag_agreement"), "pass"
    )


def test_on_few_frames_nothing_is_decided() -> None:
    frames = trained(20)
    old = results(frames, frames)
    assert {j.answer for j in judge_change(Gates(), old, old).results} == {"undecided"}


def test_lost_dice_fails_with_its_paired_interval() -> None:
    frames = trained(400)
    worse = results([replace(o, dice=o.dice * 0.9) for o in frames], frames)
    verdict = judge_change(Gates(), worse, results(frames, frames))
    (dice,) = [j for j in verdict.results if j.gate == "dice_drop"]
    assert dice.answer == "fail"
    assert dice.measured is not None
    assert dice.ci95 is not None
    assert dice.ci95[0] <= dice.measured <= dice.ci95[1]


def test_flags_are_held_to_the_limit_of_two_networks() -> None:
    frames = trained(2000)
    turned = [replace(o, flagged=not o.flagged) if n % 20 == 0 else o for n, o in enumerate(frames)]
    new, old = results(turned, frames), results(frames, frames)
    for limit, answer in ((0.9, "pass"), (0.99, "fail")):
        verdict = judge_change(Gates(pruned_flag_agreement=limit), new, old)
        (flags,) = [j for j in verdict.results if j.gate == "flag_agreement"]
        assert (flags.answer, flags.limit) == (answer, limit)
