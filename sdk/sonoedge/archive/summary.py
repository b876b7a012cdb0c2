"""What an archive's parts come to: counts, rates and drift, and no name of any item."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sonoedge.archive.job import digest
from sonoedge.archive.ledger import left_out_by_last_run
from sonoedge.archive.outcome import ItemOutcome
from sonoedge.archive.parts import Parts, damaged, read_manifest
from sonoedge.archive.rates import Rate, Tallies
from sonoedge.bounded_read import read_bounded
from sonoedge.drift.counts import Counts
from sonoedge.drift.measure import Shift, compare
from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.settings import plain
from sonoedge.strict_json import parse_json

REFERENCE: Final = "reference.json"
_MOST_GROUPS: Final = 500
_MOST_FAILED: Final = 1000
OTHERS: Final = "others"
UNKNOWN: Final = "not stated"


@dataclass(kw_only=True)
class Group:
    """The items of one scanner and month.

    Attributes:
        items: how many gave frames.
        studies: of how many studies they are, by number; what states none is one of its own.
        counts: of their frames.
        shifts: from the bundle's; empty where it has no statistics.
    """

    items: int = 0
    studies: set[int] = field(default_factory=set)
    counts: Counts = field(default_factory=Counts)
    shifts: Mapping[str, Shift] = field(default_factory=dict)


@dataclass(kw_only=True)
class Summary:
    """A screening in figures.

    Attributes:
        identity: engine, settings and versions.
        outcomes: items by outcome.
        everything: all items together.
        groups: by scanner and month; `OTHERS` beyond 500 of them.
        flags, not_analysed: rates per thousand frames.
        failed: id, outcome and sentence of items that failed, at most 1,000 of them.
        reference: the bundle's counts; None where it has none.
        left_out: what the last run left out, by why; None where it did not come to its end.
    """

    identity: Mapping[str, Any]
    outcomes: Counter[str] = field(default_factory=Counter)
    everything: Group = field(default_factory=Group)
    groups: dict[tuple[str, str], Group] = field(default_factory=dict)
    flags: Mapping[str, Rate] = field(default_factory=dict)
    not_analysed: Mapping[str, Rate] = field(default_factory=dict)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    reference: Counts | None = None
    left_out: Mapping[str, int] | None = None

    def report(self) -> dict[str, Any]:
        """As report.json holds it."""
        return {
            "schema": "sonoedge-screening-1",
            "identity": dict(self.identity),
            "items": dict(sorted(self.outcomes.items())),
            "ended": self.left_out is not None,
            "left_out": dict(self.left_out or {}),
            "recordings": len(self.everything.studies),
            "counts": self.everything.counts.plain(),
            "reference": None if self.reference is None else self.reference.plain(),
            "flags_per_1000_frames": plain(dict(self.flags)),
            "not_analysed_per_1000_frames": plain(dict(self.not_analysed)),
            "drift": plain(dict(self.everything.shifts)),
            "groups": [
                {
                    "scanner": scanner,
                    "month": month,
                    "items": group.items,
                    "counts": group.counts.plain(),
                    "drift": plain(dict(group.shifts)),
                }
                for (scanner, month), group in self.groups.items()
            ],
            "failed": [{"item": item, "outcome": how} for item, how, _ in self.failed],
        }


def summarise(out: Path) -> Summary:
    """Read every part's last line; memory grows by some bytes for each item.

    Raises:
        InvalidData: the folder holds no screening, or a part that is damaged.
        OSError: it cannot be read.
    """
    identity = read_manifest(out)
    if identity is None:
        raise InvalidData(f"{out.name} holds no screening")
    summary = Summary(identity=identity, left_out=left_out_by_last_run(out))
    flags, reasons = Tallies(), Tallies()
    numbers: dict[str, int] = {}  # of studies that files state
    for item, end in Parts(out, digest(identity)):
        try:
            _add(summary, item, end, numbers, flags, reasons)
        except (KeyError, TypeError, ValueError):
            raise damaged(item) from None
    summary.groups = dict(sorted(summary.groups.items()))
    summary.flags = flags.rates()
    summary.not_analysed = dict(sorted(reasons.rates().items(), key=lambda rate: -rate[1].count))
    summary.reference = _reference(out)
    if summary.reference is not None:
        for group in (summary.everything, *summary.groups.values()):
            if group.counts.frames:
                group.shifts = compare(
                    group.counts, summary.reference, recordings=len(group.studies)
                )
    return summary


def write_reference(out: Path, counts: Counts | None) -> None:
    """Keep the bundle's counts beside the parts: a report needs no bundle.

    Raises:
        OSError: they cannot be written.
    """
    if counts is not None:
        (out / REFERENCE).write_text(json.dumps(counts.plain()) + "\n", encoding="utf-8")


def _reference(out: Path) -> Counts | None:
    path = out / REFERENCE
    if not path.exists():
        return None
    try:
        return Counts.parse(parse_json(read_bounded(path, 1 << 20), REFERENCE), REFERENCE)
    except InvalidSettings as error:
        raise InvalidData(str(error)) from None


def _add(
    summary: Summary,
    item: str,
    end: Mapping[str, Any],
    numbers: dict[str, int],
    flags: Tallies,
    reasons: Tallies,
) -> None:
    outcome = ItemOutcome(end["outcome"])
    summary.outcomes[outcome.value] += 1
    if outcome is not ItemOutcome.DONE and len(summary.failed) < _MOST_FAILED:
        summary.failed.append((item, outcome.value, end["detail"]))
    if not end["frames"]:
        return
    counts = Counts.parse(end["counts"], f"the part of {item}")
    stated = end.get("study")
    study = numbers.setdefault(stated, flags.studies) if stated else flags.studies
    flags.add(
        study,
        end["frames"],
        {
            "flags raised": end["flag_raised"],
            "frames with the flag up": end["flag_frames"],
            "suspicious frames": counts.flagged,
        },
    )
    reasons.add(
        study, end["frames"], {"any": end["frames"] - counts.analysed, **counts.not_analysed}
    )
    key = (end["scanner"] or UNKNOWN, end["month"] or UNKNOWN)
    if key not in summary.groups and len(summary.groups) >= _MOST_GROUPS:
        key = (OTHERS, OTHERS)
    for group in (summary.everything, summary.groups.setdefault(key, Group())):
        group.items += 1
        group.studies.add(study)
        group.counts.merge(counts)
