"""Choose the settings of the temporal flag's evidence on validation clips; judge them on others.

    python -m studies.flag.choose BUNDLE SET... [--variant ID] [--most N] [--kept FOLDER]

A SET is a folder with a frames.json that has masks and the splits val and test. Over stills of
each split, N with a positive label and N others of each set, drawn by chance, one pan is made as
by `studies.flag_rates`; frames of a patient without a lesion, in the set's order, are a sweep. A
flag is wanted while half of a positive lesion is in view, and a rise at another moment is false.

The network is asked once: its answers are kept in FOLDER, and the choice itself takes no engine.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sonoedge
from sonoedge import EngineOptions, EvidenceSettings, TrackingSettings
from sonoedge.bundle import read_bundle
from sonoedge.errors import InvalidData, SonoedgeError
from studies.flag.answers import answered
from studies.flag.clips import pans, sweeps
from studies.flag.tally import Rule, SeenClip, Tally, each_frame, seen, tally, tracked

# Of the operating point's threshold, as odds: where a suspicion says nothing.
NEUTRAL_ODDS: Final = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
HALF_LIVES_MS: Final = (500.0, 2000.0)
RAISING: Final = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0)
KEEPING: Final = (0.1, 0.25, 0.6)  # of what raises
UNSEEN: Final = (1.0,)
MOST: Final = 1.5  # of what raises


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is asked of a rule.

    Attributes:
        flagged_share: least share of the positive pans flagged.
        median_s: longest median delay.
        false_per_minute: most false flags in a minute.
    """

    flagged_share: float = 0.95
    median_s: float = 0.5
    false_per_minute: float = 3.0


def candidates(flag_threshold: float) -> Iterator[TrackingSettings]:
    """Every combination that is tried."""
    odds = flag_threshold / (1 - flag_threshold)
    for factor, half_life, raising, keeping, unseen in itertools.product(
        NEUTRAL_ODDS, HALF_LIVES_MS, RAISING, KEEPING, UNSEEN
    ):
        yield TrackingSettings(
            raise_threshold=round(factor * odds / (1 + factor * odds), 3),
            evidence=EvidenceSettings(
                raise_log_odds=raising,
                keep_log_odds=keeping * raising,
                most_log_odds=MOST * raising,
                unseen_log_odds=unseen,
                half_life_ms=half_life,
            ),
        )


Tried = list[tuple[TrackingSettings, Tally]]


def sensitive(tried: Tried, goal: Goal) -> TrackingSettings:
    """The fewest false flags among those that flag as many positive pans, and as soon, as asked.

    Where none does, those that flag the most of them are taken for it.
    """
    least = min(goal.flagged_share, max(row.flagged_share for _, row in tried))
    among = [(s, row) for s, row in tried if row.flagged_share >= least]
    in_time = [(s, row) for s, row in among if row.median_s <= goal.median_s] or among
    return min(in_time, key=lambda each: (each[1].false_per_minute, each[1].median_s))[0]


def quiet(tried: Tried, goal: Goal) -> TrackingSettings | None:
    """The most positive pans flagged among those with no more false flags than asked."""
    among = [(s, row) for s, row in tried if row.false_per_minute <= goal.false_per_minute]
    if not among:
        return None
    return max(among, key=lambda each: (each[1].flagged_share, -each[1].median_s))[0]


def table(clips: Sequence[SeenClip], rules: dict[str, Rule]) -> str:
    """Markdown: a row for each rule and group of clips."""
    lines = [
        "| clips | rule | positive pans flagged | time to flag, median (s) | "
        "false flags per minute |",
        "|---|---|---|---|---|",
    ]
    groups = list(dict.fromkeys(clip.group for clip in clips))
    of_pans = [clip for clip in clips if "sweep" not in clip.group]
    parts = {group: [clip for clip in clips if clip.group == group] for group in groups}
    for group, part in {"all pans": of_pans, **parts}.items():
        for name, rule in rules.items():
            row = tally(part, rule)
            flagged = f"{len(row.delays_s)} of {row.positive}" if row.positive else "-"
            median = f"{row.median_s:.2f}" if row.delays_s else "-"
            rises = f"{row.false_per_minute:.1f} ({row.false_rises} in {row.unwanted_s:.0f} s)"
            lines.append(f"| {group}: {row.clips} | {name} | {flagged} | {median} | {rises} |")
    return "\n".join(lines)


def recipe_lines(settings: TrackingSettings) -> str:
    """The settings as a recipe has them."""
    rule = settings.evidence
    assert rule is not None
    names = ("raise_log_odds", "keep_log_odds", "most_log_odds", "unseen_log_odds", "half_life_ms")
    return "\n".join(
        (
            "[tracking]",
            f"raise_threshold = {settings.raise_threshold}",
            "",
            "[tracking.evidence]",
            *(f"{name} = {getattr(rule, name):.4g}" for name in names),
        )
    )


def run(args: argparse.Namespace) -> None:
    """Ask the network where it was not asked yet; choose, judge, print."""
    post = read_bundle(args.bundle).manifest.postprocess
    clips: dict[str, list[SeenClip]] = {}
    engine = EngineOptions(variant=args.variant, threads=1)
    with sonoedge.open(args.bundle, engine, tracking=False) as analyser:
        for split in ("val", "test"):
            asked = [
                clip
                for folder in args.sets
                for clip in (
                    *pans(folder, split, post.positive, args.most, args.seed),
                    *sweeps(folder, split, args.sweep_fps),
                )
            ]
            clips[split] = [seen(each) for each in answered(analyser, asked, args.kept)]
        origin = analyser.origin
    threshold, goal = post.flag_threshold, Goal()
    on = [clip for clip in clips["val"] if "sweep" not in clip.group]
    if not on:
        raise InvalidData("no set has a still with a mask in its split val")
    tried = [(s, tally(on, tracked(s, threshold))) for s in candidates(threshold)]
    chosen = {
        "evidence": sensitive(tried, goal),
        f"evidence, at most {goal.false_per_minute:g} a minute": quiet(tried, goal),
    }
    rules: dict[str, Rule] = {
        "each frame": each_frame,
        "votes": tracked(TrackingSettings(), threshold),
        **{name: tracked(s, threshold) for name, s in chosen.items() if s is not None},
    }
    print(f"{origin.variant} of {origin.bundle_id}, {len(tried)} settings tried on val")
    for split, part in clips.items():
        lost = sum(clip.not_analysed for clip in part)
        frames = sum(len(clip.frames) for clip in part)
        print(f"\n{split}: {frames} frames, {lost} more not analysed\n\n{table(part, rules)}")
    for name, settings in chosen.items():
        print(f"\n{name}:\n\n{'none reaches it' if settings is None else recipe_lines(settings)}")


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables and the chosen settings; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m studies.flag.choose")
    parser.add_argument("bundle", metavar="BUNDLE")
    parser.add_argument("sets", type=Path, metavar="SET", nargs="+")
    parser.add_argument("--variant", metavar="ID")
    parser.add_argument("--most", type=int, default=20, help="pans of each kind, set and split")
    parser.add_argument("--sweep-fps", type=float, default=5.0, help="frames a second of a sweep")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kept", type=Path, default=Path("build/flag"), metavar="FOLDER")
    try:
        run(parser.parse_args(argv))
    except SonoedgeError as error:
        print(f"flag.choose: {error.token}: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
